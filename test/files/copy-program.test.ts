import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { makeTempDir, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { builtServer } from "../mcp/connect.ts";

const run = promisify(execFile);

describe("copies by the program", () => {
  const cleanup = new Cleanup();
  const here = makeTempDir();
  const content = randomBytes(80_000_000);
  let server: TestServer;
  let place: PrivatePlace;
  beforeAll(async () => {
    cleanup.add(() => {
      here.remove();
    });
    const started = await startOpenSsh();
    server = started;
    cleanup.add(() => started.stop());
    const made = await createPrivatePlace(started.sshConfigFile);
    place = made;
    cleanup.add(() => made.remove());
    writeFileSync(join(here.path, "big"), content);
    writeFileSync(join(here.path, "small"), "small");
  });
  afterAll(() => cleanup.run());

  it("holdfast cp, there and back, from where it is called", async () => {
    const options = { env: { ...process.env, ...place.env, HOLDFAST_NO_DAEMON: "1" }, cwd: here.path };
    const cp = (...words: string[]) => run(process.execPath, [builtServer, "cp", ...words], options);
    const remote = `${server.alias}:${server.directory}/small`;
    expect((await cp("./small", remote)).stdout).toMatch(/^copied · 1 file · 5 bytes · /);
    expect((await cp("--verify", remote, "back")).stdout).toMatch(/ · sha256 [0-9a-f]{64}/);
    expect(readFileSync(join(here.path, "back"), "utf8")).toBe("small");
    await expect(cp("nothing", remote)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^file_missing: /),
    });
  });

  it("goes on with what a killed server has left off", async () => {
    const first = await Holdfast.start(place);
    cleanup.add(() => first.stop());
    const started = await first.call("ssh_copy", {
      from: join(here.path, "big"),
      to: `${server.alias}:${server.directory}/big`,
      wait_s: 0,
    });
    expect(started.state).toBe("running");
    await first.kill();
    const second = await Holdfast.start(place);
    cleanup.add(() => second.stop());
    cleanup.add(() => second.call("ssh_close", { all: true, force: true }));
    const command = /\S+\/\d+(?= · next)/.exec(started.text)?.[0];
    const ended = await second.call("ssh_read", { command, wait_s: 50 }, 60_000);
    expect(ended.text).toMatch(/^exit 0 · /);
    expect(ended.text).toMatch(/\ncopied · 1 file · 80,000,000 bytes · /);
    expect(readFileSync(join(server.directory, "big")).equals(content)).toBe(true);
  });
});

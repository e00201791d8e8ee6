import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { writeClientSide } from "./client-side.ts";
import { startReachServers } from "./reach-servers.ts";

describe.runIf(canMakeUsers)("what people are shown of the way to a host", () => {
  const cleanup = new Cleanup();
  let env: Record<string, string> = {};

  beforeAll(async () => {
    const servers = await startReachServers(cleanup);
    const side = await writeClientSide(servers, false);
    const place = await createPrivatePlace(side.sshConfigFile);
    cleanup.add(() => place.remove());
    env = { ...environmentOf(place), HOLDFAST_CONFIG: side.settingsFile, HOLDFAST_NO_DAEMON: "1" };
  });
  afterAll(() => cleanup.run());

  const holdfast = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      execFile(process.execPath, [builtServer, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve(`${stdout}${stderr}exit ${error?.code ?? 0}`),
      );
    });

  it.each(["chained", "commanded", "v6"])("trust looks at the key of %s", async (target) => {
    expect(await holdfast("trust", target)).toMatch(
      /offers the key\n {2}ED25519 SHA256:.*\n✔ This key is known already\.\nexit 0$/,
    );
  });

  it("trust through a bastion that does not let through: it is named", async () => {
    expect(await holdfast("trust", "behind-fenced")).toMatch(/forward_refused: fenced .*\n?exit [1-9]/);
  });

  it("doctor shows each host on the way, and where it ends", async () => {
    expect(await holdfast("doctor", "chained")).toMatch(
      /on the way +outer .*\n.*on the way +inner .*\n[^]*survives disconnects: yes/,
    );
    expect(await holdfast("doctor", "behind-fenced")).toMatch(
      /on the way +fenced .*\n[^]*forward_refused: fenced [^]*exit 1$/,
    );
  });
});

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { parseReply, type Reply } from "../helpers/reply.ts";
import { canMakeUsers, createLoginUser, makeTempDir, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const sizeBytes = 2_000_003;

describe.runIf(canMakeUsers)("directly from host to host", () => {
  const cleanup = new Cleanup();
  const place = makeTempDir();
  let target: TestServer;
  let settings = "";
  let both = "";
  let owner = { uid: 0 };
  let key = "";
  let copy: (args: Record<string, unknown>) => Promise<Reply>;
  beforeAll(async () => {
    chmodSync(place.path, 0o711);
    // The source's user can log in to the target with a key of its own.
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    owner = user;
    const source = await startOpenSsh({ alias: "one", loginUser: user });
    cleanup.add(() => source.stop());
    target = await startOpenSsh({ alias: "two" });
    cleanup.add(() => target.stop());
    key = join(user.home, ".ssh/id_ed25519");
    mkdirSync(join(user.home, ".ssh"), { recursive: true, mode: 0o700 });
    copyFileSync(target.keyFile, key);
    chmodSync(key, 0o600);
    for (const path of [join(user.home, ".ssh"), key]) chownSync(path, user.uid, user.uid);
    both = join(source.directory, "both");
    writeFileSync(both, [source, target].map(({ sshConfigFile }) => readFileSync(sshConfigFile, "utf8")).join("\n"));
    const book = await openBook(both);
    cleanup.add(() => book.remove());
    const directory = process.env["HOLDFAST_CONFIG_DIR"] ?? "";
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    settings = join(directory, "config.yaml");
    const host = createToolHost({ sessions: book.book });
    for (const name of ["one", "two"]) {
      await book.book.open({ target: name, name });
      cleanup.add(() => book.book.close(name));
    }
    copy = async (args) => {
      const { signal } = new AbortController();
      const reply = await host.call({ name: "ssh_copy", args: { wait_s: 100, ...args }, client: "test 1", signal });
      return parseReply(reply.text, reply.isError);
    };
    for (const name of ["f", "it's \n odd"]) {
      writeFileSync(join(place.path, name), randomBytes(sizeBytes));
      chmodSync(join(place.path, name), 0o644);
    }
    mkdirSync(join(place.path, "to"));
  });
  afterAll(async () => {
    await cleanup.run();
    place.remove();
  });
  const at = (name: string): string => join(place.path, name);
  const left = (): readonly string[] => readdirSync(at("to")).filter((name) => name.startsWith(".holdfast"));

  it("not where nobody has allowed it", async () => {
    const copied = await copy({ from: `one:${at("f")}`, to: `two:${at("to/f")}` });
    expect(copied.text).toMatch(/^copied · 1 file · 2,000,003 bytes · /);
    expect(copied.text).not.toContain("directly");
  });

  it("a file with any name, verified, and nothing is left on either", async () => {
    writeFileSync(settings, "copy: { direct: allow }\n", { mode: 0o600 });
    const name = "it's \n odd";
    const copied = await copy({ from: `one:${at(name)}`, to: `two:${at(`to/${name}`)}` });
    expect(copied.text).toMatch(/^copied · 1 file · 2,000,003 bytes · /);
    expect(copied.text).toContain("note: directly from host to host");
    expect(readFileSync(at(`to/${name}`)).equals(readFileSync(at(name)))).toBe(true);
    expect(statSync(at(`to/${name}`)).mode & 0o777).toBe(0o644);
    expect(left()).toEqual([]);
  });

  it("else through this machine, which is told: the source cannot log in there", async () => {
    rmSync(key);
    const copied = await copy({ from: `one:${at("f")}`, to: `two:${at("to/g")}` });
    expect(copied.text).toMatch(/^copied · 1 file · 2,000,003 bytes · /);
    expect(copied.text).toMatch(/note: through this machine, .*Permission denied/);
    expect(readFileSync(at("to/g")).equals(readFileSync(at("f")))).toBe(true);
    expect(left()).toEqual([]);
  });

  it("and where the source reaches a host with another key, which gets nothing", async () => {
    const other = await startOpenSsh({ alias: "three" });
    cleanup.add(() => other.stop());
    copyFileSync(other.keyFile, key);
    chmodSync(key, 0o600);
    chownSync(key, owner.uid, owner.uid);
    // What the settings name now is another host: the connection from here still is to the old one.
    const text = readFileSync(both, "utf8");
    writeFileSync(both, text.replaceAll(`Port ${target.port}`, `Port ${other.port}`));
    const copied = await copy({ from: `one:${at("f")}`, to: `two:${at("to/h")}` });
    writeFileSync(both, text);
    expect(copied.text).toMatch(/^copied · 1 file · 2,000,003 bytes · /);
    expect(copied.text).toMatch(/note: through this machine, .*out of reach of the source/);
    expect(left()).toEqual([]);
  });
});

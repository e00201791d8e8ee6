import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { openBook } from "../helpers/open-book.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import type { SessionBook } from "../../src/sessions/index.ts";

const limitMs = 30_000;
const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

const cleanup = new Cleanup();
let outer: TestServer;
let inner: TestServer;
let target: TestServer;
/** Bastions that forward nothing, and that do nothing but forward. */
let shut: TestServer;
let narrow: TestServer;
let book: SessionBook;

/** A `Host` for `server` under another name, with more settings. */
function hostFor(server: TestServer, alias: string, ...more: readonly string[]): string {
  const text = readFileSync(server.sshConfigFile, "utf8").replace(/^Host .*$/m, `Host ${alias}`);
  return `${text}${more.map((line) => `  ${line}\n`).join("")}`;
}

/** What `nc -U <socket>` does. */
const carrierText = `const s = require("node:net").connect(process.argv[2]); process.stdin.pipe(s).pipe(process.stdout);\n`;

/** A proxy on a Unix socket that leads to a port of this machine; its path. */
async function listenOnSocket(directory: string, port: number): Promise<string> {
  const path = join(directory, "proxy");
  const proxy = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  proxy.listen(path);
  await once(proxy, "listening");
  cleanup.add(() => {
    proxy.close();
  });
  return path;
}

async function output(on: string, command: string): Promise<string> {
  const session = await book.find(on);
  const run = await session.run({ command });
  await run.ended(limitMs);
  return Buffer.from((await run.read("stdout", 0, 10_000)).bytes).toString();
}

beforeAll(async () => {
  [outer, inner, target, shut, narrow] = await Promise.all([
    startOpenSsh(),
    startOpenSsh(),
    startOpenSsh({ config: ["ListenAddress ::1", "Compression yes"] }),
    startOpenSsh({ config: ["DisableForwarding yes"] }),
    startOpenSsh({ config: ["MaxSessions 0"] }),
  ]);
  for (const server of [outer, inner, target, shut, narrow]) cleanup.add(() => server.stop());
  const file = join(outer.directory, "ways");
  const hostKey = `HostKeyAlias [127.0.0.1]:${target.port}`;
  const socket = await listenOnSocket(outer.directory, target.port);
  const carrier = join(outer.directory, "carrier.cjs");
  writeFileSync(carrier, carrierText);
  const inside = `ssh -F ${file} -W %h:%p outer`;
  writeFileSync(
    file,
    [
      hostFor(outer, "outer"),
      hostFor(inner, "inner", "ProxyJump outer"),
      hostFor(target, "chained", "ProxyJump outer,inner"),
      hostFor(target, "nested", "ProxyJump inner"),
      hostFor(target, "looped", "ProxyJump looped"),
      hostFor(target, "commanded", `ProxyCommand ${inside}`),
      hostFor(target, "by-socket", `ProxyCommand ${process.execPath} ${carrier} ${socket}`),
      hostFor(target, "misled", "ProxyCommand sh -c 'echo no such way >&2; exit 3'"),
      hostFor(target, "compressed", "Compression yes"),
      hostFor(target, "v6", hostKey, "AddressFamily inet6").replace("HostName 127.0.0.1", "HostName ::1"),
      hostFor(target, "bound", "BindAddress 127.0.0.7"),
      hostFor(shut, "shut"),
      hostFor(narrow, "narrow"),
      hostFor(target, "behind-shut", "ProxyJump shut"),
      hostFor(target, "behind-narrow", "ProxyJump narrow"),
      hostFor(target, "stranger", "ProxyJump unknown"),
      hostFor(outer, "unknown").replace(outer.knownHostsFile, inner.knownHostsFile),
    ].join("\n"),
    { mode: 0o600 },
  );
  const opened = await openBook(file);
  cleanup.add(() => opened.remove());
  ({ book } = opened);
});
afterAll(() => cleanup.run());

describe("ways to a host", () => {
  it("through two bastions, each with its own settings, shared by all that goes the same way", async () => {
    expect(await output("chained", "echo there")).toBe("there\n");
    const before = [outer, inner, target].map((server) => server.connections().length);
    expect(before).toEqual([1, 1, 1]);
    // The same way written differently: inner itself is reached through outer.
    expect(await output("nested", "echo there, too")).toBe("there, too\n");
    expect([outer, inner, target].map((server) => server.connections().length)).toEqual([1, 1, 1]);
    expect(await output("inner", "echo between")).toBe("between\n");
    expect([outer, inner].map((server) => server.connections().length)).toEqual([1, 1]);
  });

  it("comes back through both when one bastion lost its connections", async () => {
    expect(await output("chained", "x=kept; echo $x")).toBe("kept\n");
    outer.killConnections();
    expect(await output("chained", "echo $x")).toBe("kept\n");
  });

  it("checks the host key of a bastion", async () => {
    await expect(book.find("stranger")).rejects.toMatchObject({
      code: expect.stringMatching(/^host_key_/),
      message: expect.stringContaining("unknown"),
    });
  });

  it("a bastion that does not forward is named; one that only forwards serves", async () => {
    await expect(book.find("behind-shut")).rejects.toMatchObject({
      code: "forward_refused",
      message: expect.stringMatching(/^shut .* does not forward to 127\.0\.0\.1:/),
    });
    expect(await output("behind-narrow", "echo there")).toBe("there\n");
  });

  it("a chain without end", async () => {
    await expect(book.find("looped")).rejects.toMatchObject({ code: "config_invalid" });
  });

  it("a ProxyCommand, which ends with the connection", async () => {
    const before = outer.connections().length;
    expect(await output("commanded", "echo there")).toBe("there\n");
    expect(outer.connections().length).toBe(before + 1);
  });

  it("a proxy that listens on a Unix socket", async () => {
    expect(await output("by-socket", "echo there")).toBe("there\n");
  });

  it("a ProxyCommand that fails: its last words", async () => {
    await expect(book.find("misled")).rejects.toMatchObject({
      code: "dial_failed",
      message: expect.stringMatching(/^misled .* could not be reached through its ProxyCommand: no such way$/),
    });
  });

  it.runIf(hasIPv6)("IPv6", async () => {
    expect(await output("v6", "echo ${SSH_CONNECTION%% *}")).toBe("::1\n");
  });

  it("from the address that BindAddress names", async () => {
    expect(await output("bound", "echo ${SSH_CONNECTION%% *}")).toBe("127.0.0.7\n");
  });

  it("compressed", async () => {
    const text = await output("compressed", "seq 1000");
    expect(text.split("\n")).toHaveLength(1001);
  });

  it("nothing is left when all is closed", async () => {
    await book.shutdown();
    await eventually("no connection", limitMs, () =>
      [outer, inner, target].every((server) => server.connections().length === 0) ? true : undefined,
    );
  });
});

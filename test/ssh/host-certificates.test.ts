import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import { makeKeyPair, makeTempDir, startOpenSsh, type KeyType, type TempDir } from "../helpers/servers/index.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const engine = createSsh2Engine();
const keyTypes = ["ed25519", "ecdsa", "rsa"] as const;

describe("host certificates", () => {
  let directory: TempDir;
  const servers: TestServer[] = [];
  let count = 0;

  beforeAll(() => {
    directory = makeTempDir();
    for (const name of keyTypes) makeKeyPair(join(directory.path, `ca_${name}`), { type: name });
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    directory.remove();
  });

  const newPath = (name: string): string => {
    count += 1;
    return join(directory.path, `${name}-${count}`);
  };
  /** A server that shows a certificate for a host key of `type`, and a plain host key of another type. */
  const certified = async (
    type: KeyType,
    options: readonly string[],
    more: { readonly authority?: KeyType; readonly config?: readonly string[] } = {},
  ): Promise<TestServer> => {
    const key = newPath("host");
    makeKeyPair(key, { type });
    const authority = join(directory.path, `ca_${more.authority ?? "ed25519"}`);
    execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "host", ...options, `${key}.pub`]);
    const server = await startOpenSsh({
      hostKeyTypes: [type === "ecdsa" ? "ed25519" : "ecdsa"],
      config: [`HostKey ${key}`, `HostCertificate ${key}-cert.pub`, ...(more.config ?? [])],
    });
    copyFileSync(`${key}.pub`, join(server.directory, "certified.pub"));
    servers.push(server);
    return server;
  };
  const publicKey = (path: string): string =>
    execFileSync("cut", ["-d", " ", "-f", "1,2", path], { encoding: "utf8" }).trim();
  const authorityLine = (server: TestServer, type: KeyType = "ed25519"): string =>
    `@cert-authority [127.0.0.1]:${server.port} ${publicKey(join(directory.path, `ca_${type}.pub`))}\n`;
  const planWith = (server: TestServer, text: string, changes: Partial<ConnectPlan> = {}): ConnectPlan => {
    const file = newPath("known");
    writeFileSync(file, text);
    return planFor(server, {
      knownHostsFiles: [file],
      ownKnownHostsFile: join(newPath("own"), "known_hosts"),
      unknownHostKey: "strict",
      ...changes,
    });
  };
  const connect = async (plan: ConnectPlan): Promise<void> => {
    const connection = await engine.connect(plan);
    try {
      expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
    } finally {
      await connection.close();
    }
  };
  const forHost = ["-h", "-n", "127.0.0.1,web1", "-V", "-1h:+1h"];

  it.each(keyTypes)("of an %s key, by an authority of any type, through key exchanges of each kind", async (type) => {
    const index = keyTypes.indexOf(type);
    const authority = keyTypes[(index + 1) % 3] ?? "rsa";
    const exchanges = ["curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group-exchange-sha256"];
    const server = await certified(type, forHost, {
      authority,
      config: [`KexAlgorithms ${exchanges[index] ?? ""}`],
    });
    await connect(planWith(server, authorityLine(server, authority)));
  });

  it("renewed keys: the same certificate counts again", async () => {
    const server = await certified("ed25519", forHost, { config: ["RekeyLimit 64K"] });
    const connection = await engine.connect(planWith(server, authorityLine(server)));
    const outcome = await runToEnd(connection, "head -c 1000000 /dev/zero");
    expect([outcome.end, outcome.stdout.length]).toEqual([{ kind: "exit", status: 0 }, 1_000_000]);
    await connection.close();
  });

  it("under a HostKeyAlias that it names", async () => {
    const server = await certified("ed25519", forHost);
    const line = `@cert-authority web1 ${publicKey(join(directory.path, "ca_ed25519.pub"))}\n`;
    await connect(planWith(server, line, { hostKeyAlias: "web1" }));
  });

  it.each<[string, readonly string[], RegExp]>([
    ["that has expired", ["-h", "-n", "127.0.0.1", "-V", "-2h:-1h"], /has expired/],
    ["that is not valid yet", ["-h", "-n", "127.0.0.1", "-V", "+1h:+2h"], /not valid yet/],
    ["for another host", ["-h", "-n", "web2", "-V", "-1h:+1h"], /does not name 127\.0\.0\.1/],
  ])("%s: refused, in every mode", async (_what, options, why) => {
    const server = await certified("ed25519", options);
    for (const unknownHostKey of ["strict", "ask", "accept-new"] as const) {
      const plan = planWith(server, authorityLine(server), { unknownHostKey });
      await expect(connect(plan)).rejects.toMatchObject({
        code: "host_key_unknown",
        message: expect.stringMatching(why),
      });
      expect(existsSync(plan.ownKnownHostsFile ?? "")).toBe(false);
    }
  });

  it("by another authority: refused, and named", async () => {
    const server = await certified("ed25519", forHost, { authority: "rsa" });
    await expect(
      connect(planWith(server, authorityLine(server), { unknownHostKey: "accept-new" })),
    ).rejects.toMatchObject({
      code: "host_key_unknown",
      message: expect.stringContaining("signed by an unknown authority, SHA256:"),
    });
  });

  it("that does not count leaves the plain key in it, as with OpenSSH", async () => {
    const server = await certified("ed25519", ["-h", "-n", "web2"]);
    const plainLine = `[127.0.0.1]:${server.port} ${publicKey(join(server.directory, "certified.pub"))}\n`;
    await connect(planWith(server, authorityLine(server) + plainLine));
    const other = publicKey(`${makeKeyPair(newPath("other")).file}.pub`);
    const changed = `[127.0.0.1]:${server.port} ${other}\n`;
    await expect(connect(planWith(server, authorityLine(server) + changed))).rejects.toMatchObject({
      code: "host_key_changed",
    });
  });

  it("revoked: the key in it, or the authority", async () => {
    const server = await certified("ed25519", forHost);
    const authority = publicKey(join(directory.path, "ca_ed25519.pub"));
    for (const key of [authority, publicKey(join(server.directory, "certified.pub"))]) {
      const plan = planWith(server, `${authorityLine(server)}@revoked * ${key}\n`);
      await expect(connect(plan)).rejects.toMatchObject({ code: "host_key_revoked" });
    }
  });

  it("a host with no certificate where one is expected is no newcomer", async () => {
    const server = await startOpenSsh();
    servers.push(server);
    const plan = planWith(server, authorityLine(server), { unknownHostKey: "accept-new" });
    await expect(connect(plan)).rejects.toMatchObject({
      code: "host_key_unknown",
      message: expect.stringContaining("it showed no certificate"),
    });
  });
});

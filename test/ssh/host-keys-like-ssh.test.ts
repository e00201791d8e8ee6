import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoldfastError } from "../../src/base/index.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import { makeKeyPair, makeTempDir, startOpenSsh, type TempDir, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

/** In the texts: H the host with its port, ED and RSA its keys, CA its authority, OTHER a key of somebody else. */
const cases: readonly (readonly [what: string, text: string, alias?: string])[] = [
  ["nothing", ""],
  ["the key", "H ED"],
  ["the key of another type", "H RSA"],
  ["another key", "H OTHER"],
  ["another key, and the right one", "H OTHER\nH ED"],
  ["another key, and the right one of another type", "H OTHER\nH RSA"],
  ["the host without its port", "127.0.0.1 ED"],
  ["another key for the host without its port", "127.0.0.1 OTHER"],
  ["another port", "[127.0.0.1]:1 ED"],
  ["a wildcard for everything", "* ED"],
  ["a wildcard with the port", "[127.*]:* ED"],
  ["a wildcard of another net", "10.* ED"],
  ["a negated name", "*,!H ED"],
  ["a negated name in a line before the right one", "*,!H OTHER\nH ED"],
  ["several names", "web1,H,web2 ED"],
  ["a comment and a bad line", "# H OTHER\nH ssh-ed25519 !!!\nH ED a comment"],
  ["a line with leading blanks", "   H ED"],
  ["a type that is not the key's", "H ssh-rsa EDBLOB"],
  ["an unknown marker", "@trusted H ED"],
  ["a revoked key", "H ED\n@revoked H ED"],
  ["a revoked key of everybody", "H ED\n@revoked * ED"],
  ["a revoked key of another host", "H ED\n@revoked web1 ED"],
  ["a revoked key of another type", "H ED\n@revoked * RSA"],
  ["the authority", "@cert-authority H CA"],
  ["the authority for everything", "@cert-authority * CA"],
  ["the authority for the host without its port", "@cert-authority 127.0.0.1 CA"],
  ["the authority for another host", "@cert-authority web1 CA"],
  ["another authority", "@cert-authority H OTHER"],
  ["another authority, and the key", "@cert-authority H OTHER\nH ED"],
  ["another authority, and another key", "@cert-authority H OTHER\nH OTHER"],
  ["the authority as a plain key", "H CA"],
  ["the key as an authority", "@cert-authority H ED"],
  ["a revoked authority", "@cert-authority H CA\n@revoked * CA"],
  ["a revoked authority, and the key", "H ED\n@cert-authority H CA\n@revoked * CA"],
  ["a revoked key with a certificate", "@cert-authority H CA\n@revoked * ED"],
  ["the alias", "the-box ED", "the-box"],
  ["the alias in capitals", "the-box ED", "The-Box"],
  ["the host in place of the alias", "H ED", "the-box"],
  ["the authority for the alias", "@cert-authority the-box CA", "the-box"],
  ["the authority for an alias that the certificate does not name", "@cert-authority other CA", "other"],
];

describe("known_hosts files read as ssh reads them", () => {
  const engine = createSsh2Engine();
  let server: TestServer;
  let directory: TempDir;
  let count = 0;
  const publicKey = (path: string): string => readFileSync(path, "utf8").split(" ").slice(0, 2).join(" ");

  beforeAll(async () => {
    directory = makeTempDir();
    const host = makeKeyPair(join(directory.path, "host"));
    const authority = makeKeyPair(join(directory.path, "ca"));
    makeKeyPair(join(directory.path, "other"));
    const names = ["-n", "127.0.0.1,the-box"];
    execFileSync("ssh-keygen", ["-q", "-s", authority.file, "-I", "h", "-h", "-z", "42", ...names, `${host.file}.pub`]);
    server = await startOpenSsh({
      hostKeyTypes: ["rsa"],
      config: [`HostKey ${host.file}`, `HostCertificate ${host.file}-cert.pub`],
    });
  });
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  const knownHosts = (text: string, hashed: boolean): string => {
    count += 1;
    const file = join(directory.path, `known-${count}`);
    const ed25519 = publicKey(join(directory.path, "host.pub"));
    const keys: Readonly<Record<string, string>> = {
      H: `[127.0.0.1]:${server.port}`,
      ED: ed25519,
      EDBLOB: ed25519.split(" ")[1] ?? "",
      RSA: publicKey(join(server.directory, "host_rsa.pub")),
      CA: publicKey(join(directory.path, "ca.pub")),
      OTHER: publicKey(join(directory.path, "other.pub")),
    };
    writeFileSync(file, `${text.replaceAll(/\b(?:H|EDBLOB|ED|RSA|CA|OTHER)\b/g, (word) => keys[word] ?? word)}\n`);
    if (hashed) execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    return file;
  };
  const sshAccepts = (file: string, alias: string | undefined, more: readonly string[] = []): boolean => {
    // The exchange that takes the least time.
    const options = [
      "KexAlgorithms=curve25519-sha256",
      "StrictHostKeyChecking=yes",
      "UpdateHostKeys=no",
      "BatchMode=yes",
      `UserKnownHostsFile=${file}`,
      ...more,
    ];
    if (alias !== undefined) options.push(`HostKeyAlias=${alias}`);
    const args = ["-F", server.sshConfigFile, ...options.flatMap((option) => ["-o", option]), server.alias, "exit 0"];
    return spawnSync("ssh", args, { stdio: "ignore" }).status === 0;
  };
  const engineAccepts = async (
    file: string,
    alias: string | undefined,
    changes: Partial<ConnectPlan> = {},
  ): Promise<boolean> => {
    const plan = planFor(server, { knownHostsFiles: [file], unknownHostKey: "strict", ...changes });
    try {
      await (await engine.connect(alias === undefined ? plan : { ...plan, hostKeyAlias: alias })).close();
      return true;
    } catch (error) {
      if (error instanceof HoldfastError && error.code.startsWith("host_key_")) return false;
      throw error;
    }
  };

  it.each(cases.map(([what, text, alias]) => ({ what, text, alias })))("$what", async ({ text, alias }) => {
    const file = knownHosts(text, false);
    const theirs = sshAccepts(file, alias);
    expect(await engineAccepts(file, alias)).toBe(theirs);
  });

  it.each([
    ["ssh-ed25519", "@cert-authority H CA"],
    ["rsa-sha2-512", "@cert-authority H CA"],
    ["rsa-sha2-512", "@cert-authority H CA\nH ED"],
    ["rsa-sha2-512", "@cert-authority H CA\nH RSA"],
    ["rsa-sha2-512", "@cert-authority H CA\n@revoked * CA"],
    ["rsa-sha2-512", "H ED\n@cert-authority H CA\n@revoked * ED"],
    ["-ssh-ed25519", "@cert-authority H CA"],
    ["+ssh-rsa", "@cert-authority H CA"],
  ])("CASignatureAlgorithms %s: %s", async (list, text) => {
    const file = knownHosts(text, false);
    const theirs = sshAccepts(file, undefined, [`CASignatureAlgorithms=${list}`]);
    expect(await engineAccepts(file, undefined, { algorithms: { casignaturealgorithms: list } })).toBe(theirs);
  });

  it.each([
    ["ED", "H ED"],
    ["# a comment\n\n  ED somebody", "H ED"],
    ["OTHER", "H ED"],
    ["CA", "@cert-authority H CA"],
    ["ED", "@cert-authority H CA"],
    ["OTHER", "@cert-authority H CA"],
    ["CA", "H ED"],
    ["OTHER", "H RSA"],
    ["ED", "H RSA"],
    ["H ED", "H ED"],
    [undefined, "H ED"],
  ])("RevokedHostKeys %j: %s", async (revoked, text) => {
    const file = knownHosts(text, false);
    const list = revoked === undefined ? join(directory.path, "no-such-list") : knownHosts(revoked, false);
    const theirs = sshAccepts(file, undefined, [`RevokedHostKeys=${list}`]);
    const ours = engineAccepts(file, undefined, { revokedHostKeysFile: list });
    const isBroken = revoked === undefined || revoked.startsWith("H ");
    if (isBroken) await expect(ours).rejects.toMatchObject({ code: "config_invalid" });
    else expect(await ours).toBe(theirs);
    if (isBroken) expect(theirs).toBe(false);
  });

  it("a newcomer is kept by its plain key, where it shows a certificate because some other key is revoked", async () => {
    const own = join(directory.path, "own-known-hosts");
    const changes = {
      knownHostsFiles: [],
      ownKnownHostsFile: own,
      unknownHostKey: "accept-new",
      revokedHostKeysFile: knownHosts("OTHER", false),
    } as const;
    expect(await engineAccepts(own, undefined, changes)).toBe(true);
    expect(readFileSync(own, "utf8")).toContain(publicKey(join(directory.path, "host.pub")));
    expect(await engineAccepts(own, undefined, { ...changes, unknownHostKey: "strict" })).toBe(true);
  });

  it.each([
    ["H ED", "key: ED"],
    ["H ED", "sha1: ED"],
    ["H ED", "sha256: OTHER"],
    ["H RSA", "sha256: ED"],
    ["@cert-authority H CA", "serial: 41-43"],
    ["@cert-authority H CA", "serial: 43"],
    ["H ED", "id: h"],
    ["@cert-authority H CA", "id: other"],
    ["@cert-authority H CA", "sha256: CA"],
    ["@cert-authority H CA", "sha1: ED"],
  ])("%s, and a binary list with %s", async (text, specification) => {
    const file = knownHosts(text, false);
    const list = `${file}-revoked`;
    const authority = join(directory.path, "ca.pub");
    execFileSync("ssh-keygen", ["-q", "-k", "-f", list, "-s", authority, knownHosts(specification, false)]);
    const theirs = sshAccepts(file, undefined, [`RevokedHostKeys=${list}`]);
    expect(await engineAccepts(file, undefined, { revokedHostKeysFile: list })).toBe(theirs);
  });

  it("a binary list that is cut: nothing is connected to", async () => {
    const list = join(directory.path, "cut-list");
    execFileSync("ssh-keygen", ["-q", "-k", "-f", list, join(directory.path, "other.pub")]);
    writeFileSync(list, readFileSync(list).subarray(0, -1));
    const file = knownHosts("H ED", false);
    expect(sshAccepts(file, undefined, [`RevokedHostKeys=${list}`])).toBe(false);
    await expect(engineAccepts(file, undefined, { revokedHostKeysFile: list })).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  it("a changed key stays one, where ssh takes the host's certificate for a way around it", async () => {
    const file = knownHosts("H OTHER\n127.0.0.1 ED", false);
    expect(await engineAccepts(file, undefined)).toBe(false);
  });

  it("hashed: the same", async () => {
    for (const text of ["H ED", "H OTHER", "127.0.0.1 ED", "@cert-authority H CA", "web1,H ED\n@revoked H ED"]) {
      const file = knownHosts(text, true);
      expect([text, await engineAccepts(file, undefined)]).toEqual([text, sshAccepts(file, undefined)]);
    }
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { hostName, judgeHostKey, knownKeyTypes, matchesHosts, parseKnownHosts } from "./known-hosts.ts";
import { wireString } from "./wire.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-known-hosts-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A well-formed blob of a type; what is in it does not matter here. */
function blob(type: string, fill: number): Buffer {
  return Buffer.concat([wireString(type), wireString(Buffer.alloc(32, fill))]);
}

function line(hosts: string, type: string, fill: number): string {
  return `${hosts} ${type} ${blob(type, fill).toString("base64")}`;
}

describe("the names of a line", () => {
  it.each([
    ["web1", "web1", true],
    ["web1,10.0.0.5", "10.0.0.5", true],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "example.com", false],
    ["web?", "web1", true],
    ["web?", "web10", false],
    ["*.example.com,!bad.example.com", "bad.example.com", false],
    ["!bad.example.com,*.example.com", "bad.example.com", false],
    ["!bad.example.com", "good.example.com", false],
    ["WEB1", "web1", true],
    ["[web1]:2222", "[web1]:2222", true],
    ["[*]:2222", "[web1]:2222", true],
    ["web1", "[web1]:2222", false],
    ["a.b", "axb", false],
  ])("%s names %s: %s", (field, name, matches) => {
    expect(matchesHosts(field, name)).toBe(matches);
  });

  it("agree with ssh-keygen -F, hashed or not", () => {
    const names = ["web1", "web2", "[web1]:2222", "10.0.0.5", "db.example.com"];
    const file = join(directory, "hashed");
    writeFileSync(file, `${names.map((name) => line(name, "ssh-ed25519", 1)).join("\n")}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    const entries = parseKnownHosts(execFileSync("cat", [file], { encoding: "utf8" }), file);
    expect(entries).toHaveLength(names.length);
    for (const name of [...names, "web3", "[web2]:2222", "[10.0.0.5]:22"]) {
      const theirs = spawnSync("ssh-keygen", ["-F", name, "-f", file]).status === 0;
      expect([name, entries.some((entry) => matchesHosts(entry.hosts, name))]).toEqual([name, theirs]);
    }
  });

  it("patterns of any shape are matched as by a regular expression", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 12 });
    const names = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        const source = pattern
          .replaceAll(".", String.raw`\.`)
          .replaceAll("*", ".*")
          .replaceAll("?", ".");
        const wanted = pattern !== "" && new RegExp(`^${source}$`).test(name);
        expect(matchesHosts(pattern, name)).toBe(wanted);
      }),
    );
  });

  it("a pattern made to explode does not", () => {
    expect(matchesHosts(`${"*a".repeat(500)}b`, "a".repeat(5000))).toBe(false);
  });
});

describe("reading", () => {
  it("leaves out what OpenSSH would not understand, and keeps the numbers of the lines", () => {
    const text = [
      "# note",
      "",
      "web1 ssh-ed25519",
      "web1 ssh-ed25519 AAAA",
      line("web2", "ssh-ed25519", 2),
      "@unknown x y z",
      `web3 ssh-rsa ${blob("ssh-ed25519", 3).toString("base64")}`,
      `@revoked ${line("*", "ssh-rsa", 4)} a comment`,
    ].join("\r\n");
    expect(parseKnownHosts(text, "f").map(({ line: number, marker, hosts }) => [number, marker, hosts])).toEqual([
      [5, "none", "web2"],
      [8, "revoked", "*"],
    ]);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(parseKnownHosts(text, "f"))));
  });

  it("names: lower case, brackets unless the port is 22", () => {
    expect([hostName("Web1", 22), hostName("Web1", 2222), hostName("::1", 22)]).toEqual(["web1", "[web1]:2222", "::1"]);
  });
});

describe("judging", () => {
  const entries = parseKnownHosts(
    [
      line("web1", "ssh-ed25519", 1),
      line("web1", "ssh-rsa", 2),
      `@cert-authority ${line("*", "ssh-ed25519", 3)}`,
      line("web1", "ssh-ed25519", 4),
      `@revoked ${line("*", "ssh-ed25519", 5)}`,
    ].join("\n"),
    "f",
  );
  it.each([
    ["an equal key", "ssh-ed25519", 1, "known"],
    ["another equal key of the same type", "ssh-ed25519", 4, "known"],
    ["a different key of a known type", "ssh-ed25519", 9, "changed"],
    ["a key of another type", "ecdsa-sha2-nistp256", 1, "unknown"],
    ["the key of a certificate authority", "ssh-ed25519", 3, "changed"],
    ["a revoked key", "ssh-ed25519", 5, "revoked"],
  ])("%s", (_what, type, fill, kind) => {
    expect(judgeHostKey(entries, "web1", blob(type, fill)).kind).toBe(kind);
  });

  it("knows which types to ask for", () => {
    expect(knownKeyTypes(entries, "web1")).toEqual(["ssh-ed25519", "ssh-rsa", "ssh-ed25519"]);
    expect(knownKeyTypes(entries, "web2")).toEqual([]);
  });
});

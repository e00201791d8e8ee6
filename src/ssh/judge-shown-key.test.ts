import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { algorithmsFor, judgeShownKey } from "./judge-shown-key.ts";
import { parseKnownHosts, type HostKeyVerdict, type KnownHost } from "./known-hosts.ts";
import { publicBlobIn } from "./public-key.ts";

const nowS = 1_800_000_000;

describe("a certificate that a host shows", () => {
  let directory = "";
  let entries: readonly KnownHost[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "hf-judge-"));
    for (const name of ["ca", "host"]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
    }
    const authority = readFileSync(join(directory, "ca.pub"), "utf8");
    entries = parseKnownHosts(`@cert-authority *.lab,[*.lab]:* ${authority}\n`, "f");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const certificate = (...options: readonly string[]): Buffer => {
    const authority = join(directory, "ca");
    execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "id", ...options, join(directory, "host.pub")]);
    return publicBlobIn(readFileSync(join(directory, "host-cert.pub"), "utf8")) ?? Buffer.alloc(0);
  };
  const judge = (shown: Buffer, host = "web1.lab", port = 22): HostKeyVerdict =>
    judgeShownKey(entries, { host, port }, shown, nowS);
  const unknownBecause = (why: RegExp): unknown => ({
    kind: "unknown",
    otherTypes: [],
    certificate: expect.stringMatching(why),
  });

  it("counts for its host, in any case, on any port", () => {
    const shown = certificate("-h", "-n", "web1.lab");
    expect([judge(shown), judge(shown, "WEB1.lab"), judge(shown, "web1.lab", 2222)]).toEqual([
      { kind: "known" },
      { kind: "known" },
      { kind: "known" },
    ]);
  });

  it("counts for every host when it names none", () => {
    expect(judge(certificate("-h"))).toEqual({ kind: "known" });
  });

  it("does not count when a name in it was changed", () => {
    const shown = certificate("-h", "-n", "web1.lab");
    shown.write("web2.lab", shown.indexOf("web1.lab"));
    expect(judge(shown, "web2.lab")).toEqual(unknownBecause(/signature of its certificate is wrong/));
  });

  it("does not count when the key in it was exchanged", () => {
    const shown = certificate("-h", "-n", "web1.lab");
    const genuine = publicBlobIn(readFileSync(join(directory, "host.pub"), "utf8"))?.subarray(-32) ?? Buffer.alloc(0);
    shown.fill(7, shown.indexOf(genuine), shown.indexOf(genuine) + 32);
    expect(judge(shown)).toEqual(unknownBecause(/signature of its certificate is wrong/));
  });

  it.each<[readonly string[], RegExp]>([
    [["-n", "web1.lab"], /one for users/],
    [["-h", "-n", "*.lab"], /does not name web1\.lab/],
    [["-h", "-n", "web1.lab", "-O", "critical:what@example.org=x"], /options that are not known/],
    [["-h", "-V", "20300101:20310101"], /not valid yet/],
    [["-h", "-V", "20200101:20210101"], /has expired/],
  ])("made with %j does not count", (options, why) => {
    expect(judge(certificate(...options))).toEqual(unknownBecause(why));
  });

  it.each<[string, RegExp | undefined]>([
    ["rsa-sha2-512,ssh-ed25519", undefined],
    ["+ssh-rsa", undefined],
    ["-ecdsa-*", undefined],
    ["rsa-sha2-512", /signed with ssh-ed25519, which CASignatureAlgorithms does not allow/],
    ["-ssh-ed25519", /signed with ssh-ed25519, which/],
  ])("signed as CASignatureAlgorithms %s has it", (casignaturealgorithms, why) => {
    const place = { host: "web1.lab", port: 22, algorithms: { casignaturealgorithms } };
    const verdict = judgeShownKey(entries, place, certificate("-h", "-n", "web1.lab"), nowS);
    expect(verdict).toEqual(why === undefined ? { kind: "known" } : unknownBecause(why));
  });

  it("that is revoked stays so, whatever CASignatureAlgorithms says", () => {
    const authority = readFileSync(join(directory, "ca.pub"), "utf8");
    const revoked = parseKnownHosts(`@cert-authority * ${authority}\n@revoked * ${authority}\n`, "f");
    for (const casignaturealgorithms of ["ssh-ed25519", "rsa-sha2-512"]) {
      const place = { host: "web1.lab", port: 22, algorithms: { casignaturealgorithms } };
      expect(judgeShownKey(revoked, place, certificate("-h"), nowS)).toMatchObject({ kind: "revoked" });
    }
  });

  it("is asked for only where an authority is known", () => {
    expect(algorithmsFor(entries, { host: "web1.lab", port: 2222 }).certificates).toHaveLength(6);
    expect(algorithmsFor(entries, { host: "web1.example", port: 22 }).certificates).toEqual([]);
  });
});

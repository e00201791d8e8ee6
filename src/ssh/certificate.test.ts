import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSignedByAuthority, parseCertificate } from "./certificate.ts";
import { publicBlobIn } from "./public-key.ts";

const keyTypes = ["ed25519", "ecdsa", "rsa"] as const;

describe("certificates as ssh-keygen makes them", () => {
  let directory = "";
  const blob = (name: string): Buffer =>
    publicBlobIn(readFileSync(join(directory, name), "utf8")) ?? Buffer.from("no blob");

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "hf-certificates-"));
    for (const type of keyTypes) {
      for (const name of ["ca", "key"]) {
        execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", join(directory, `${name}_${type}`)]);
      }
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const certify = (authority: string, key: string, options: readonly string[]): Buffer => {
    execFileSync("ssh-keygen", ["-q", "-s", join(directory, authority), ...options, join(directory, `${key}.pub`)]);
    return blob(`${key}-cert.pub`);
  };

  it.each(keyTypes)("of an %s key, by authorities of every type", (type) => {
    for (const authority of keyTypes) {
      const options = ["-I", "an id", "-n", "one,two", "-V", "20200101:20300101", "-z", "7"];
      const certificate = parseCertificate(certify(`ca_${authority}`, `key_${type}`, options));
      expect(certificate).toMatchObject({
        kind: "user",
        keyId: "an id",
        principals: ["one", "two"],
        hasCriticalOptions: false,
        plainKey: blob(`key_${type}.pub`),
        authority: blob(`ca_${authority}.pub`),
      });
      expect(certificate !== undefined && isSignedByAuthority(certificate)).toBe(true);
    }
  });

  it("for hosts, for ever, with critical options", () => {
    const host = parseCertificate(certify("ca_ed25519", "key_rsa", ["-h", "-I", "h", "-V", "always:forever"]));
    expect(host).toMatchObject({ kind: "host", principals: [], validAfterS: 0 });
    expect(host?.validBeforeS).toBeGreaterThan(4e9);
    const bound = certify("ca_ed25519", "key_rsa", ["-I", "u", "-O", "force-command=id"]);
    expect(parseCertificate(bound)).toMatchObject({ kind: "user", hasCriticalOptions: true });
  });

  it("with any byte changed: not signed, or no certificate", () => {
    const genuine = certify("ca_ecdsa", "key_ed25519", ["-I", "x", "-n", "web1"]);
    fc.assert(
      fc.property(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(genuine);
        changed[at] = (changed[at] ?? 0) ^ change;
        const certificate = parseCertificate(changed);
        expect(certificate !== undefined && isSignedByAuthority(certificate)).toBe(false);
      }),
    );
  });

  it("a plain key is none", () => {
    expect(parseCertificate(blob("key_rsa.pub"))).toBeUndefined();
    expect(parseCertificate(Buffer.from("hello"))).toBeUndefined();
  });
});

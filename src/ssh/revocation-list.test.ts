import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicBlobIn } from "./public-key.ts";
import { isRevocationList, RevocationList } from "./revocation-list.ts";
import { wireString, wireUint32 } from "./wire.ts";

/** Certificates with the serial numbers 1 to this one are looked at. */
const certificates = 9;

describe("lists of revoked keys as ssh-keygen makes and asks them", () => {
  let directory = "";
  let files: readonly string[] = [];
  const at = (name: string): string => join(directory, name);
  const blob = (file: string): Buffer => publicBlobIn(readFileSync(at(file), "utf8")) ?? Buffer.from("no blob");
  const keygen = (...args: readonly string[]): string =>
    execFileSync("ssh-keygen", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "hf-revocations-"));
    for (const name of ["ca", "ca2", "key1", "other"]) keygen("-q", "-t", "ed25519", "-N", "", "-f", name);
    keygen("-q", "-t", "rsa", "-N", "", "-f", "rsa");
    const names = Array.from({ length: certificates }, (_, index) => `key${index + 1}.pub`);
    for (const name of names.slice(1)) copyFileSync(at("key1.pub"), at(name));
    keygen("-q", "-s", "ca", "-I", "of ca", "-h", "-z", "+1", ...names);
    copyFileSync(at("rsa.pub"), at("second.pub"));
    keygen("-q", "-s", "ca2", "-I", "of ca2", "-h", "-z", "5", "second.pub");
    keygen("-q", "-s", "ca2", "-I", "without a number", "-h", "rsa.pub");
    const certified = [...names, "second.pub", "rsa.pub"].map((name) => name.replace(".pub", "-cert.pub"));
    files = ["ca.pub", "ca2.pub", "key1.pub", "other.pub", "rsa.pub", ...certified];
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const make = (specification: string, authority: string | undefined): Buffer => {
    const text = specification.replaceAll(/\[(.*?)\]/g, (_whole, name: string) =>
      readFileSync(at(`${name}.pub`), "utf8").trim(),
    );
    writeFileSync(at("specification"), `${text}\n`);
    keygen("-q", "-k", "-f", "list", ...(authority === undefined ? [] : ["-s", authority]), "specification");
    return readFileSync(at("list"));
  };
  const theirs = (): readonly string[] => {
    const { stdout } = spawnSync("ssh-keygen", ["-Q", "-f", "list", ...files], { cwd: directory, encoding: "utf8" });
    const lines = stdout.split("\n").filter((line) => /: (?:ok|REVOKED)$/.test(line));
    expect(lines).toHaveLength(files.length);
    return files.filter((_file, index) => lines[index]?.endsWith("REVOKED"));
  };
  const ours = (bytes: Buffer): readonly string[] => {
    const list = new RevocationList(bytes);
    return files.filter((file) => list.revokes(blob(file)));
  };

  it.each([
    ["nothing", "", "ca.pub", 0],
    ["a key", "key: [key1]", undefined, 10],
    ["an authority", "key: [ca]", undefined, 10],
    ["keys of several types", "key: [rsa]\nkey: [other]", undefined, 4],
    ["a fingerprint, the old way", "sha1: [key1]", undefined, 10],
    ["a fingerprint", "sha256: [rsa]", undefined, 3],
    ["a fingerprint in words", "hash: SHA256:", undefined, 1],
    ["a serial number", "serial: 3", "ca.pub", 1],
    ["serial numbers of another authority", "serial: 3\nserial: 5", "ca2.pub", 1],
    ["a range of serial numbers", "serial: 2-7", "ca.pub", 6],
    ["serial numbers far apart", "serial: 1\nserial: 4-5\nserial: 18446744073709551615", "ca.pub", 3],
    [
      "serial numbers close together",
      Array.from({ length: 200 }, (_, index) => `serial: ${index * 2 + 1}`).join("\n"),
      "ca.pub",
      5,
    ],
    ["key ids", "id: of ca2\nid: nobody", "ca2.pub", 1],
    ["a key id and serial numbers of any authority", "serial: 5\nid: without a number", "none", 3],
    ["everything at once", "serial: 9\nid: of ca2\nkey: [other]\nsha1: [ca2]\nsha256: [ca2]", "ca.pub", 5],
  ])("%s", (_what, specification, authority, count) => {
    const text = specification.replace("SHA256:", keygen("-l", "-f", "other.pub").split(" ")[1] ?? "");
    const bytes = make(text, authority);
    expect(isRevocationList(bytes)).toBe(true);
    const revoked = theirs();
    expect(ours(bytes)).toEqual(revoked);
    expect(revoked).toHaveLength(count);
  });

  it("any set of serial numbers", () => {
    const template = blob("key1-cert.pub");
    // Type, nonce and key go before the serial number.
    const offset = template.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]));
    const withSerial = (serial: bigint): Buffer => {
      const copy = Buffer.from(template);
      copy.writeBigUInt64BE(serial, offset);
      return copy;
    };
    const start = fc.oneof(fc.bigInt(1n, 400n), fc.bigInt(1n, 2n ** 64n - 500n));
    const ranges = fc.array(fc.tuple(start, fc.bigInt(1n, 40n)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(ranges, (chosen) => {
        const list = new RevocationList(
          make(chosen.map(([first, more]) => `serial: ${first}-${first + more}`).join("\n"), "ca.pub"),
        );
        const isRevoked = (serial: bigint): boolean =>
          chosen.some(([first, more]) => first <= serial && serial <= first + more);
        for (const serial of chosen.flatMap(([first, more]) => [first - 1n, first, first + more, first + more + 1n])) {
          expect([serial, list.revokes(withSerial(serial))]).toEqual([serial, serial > 0n && isRevoked(serial)]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("a list that is cut in the middle of a section, or has something unknown in it, is none", () => {
    const whole = make("serial: 9\nid: of ca\nkey: [other]", "ca.pub");
    expect(() => new RevocationList(whole.subarray(0, -1))).toThrow(RangeError);
    const more = (type: number, content: Buffer): Buffer =>
      Buffer.concat([whole, Buffer.from([type]), wireString(content)]);
    const extension = (critical: number): Buffer =>
      Buffer.concat([wireString("hold@example.org"), Buffer.from([critical]), wireString("x")]);
    expect(new RevocationList(more(255, extension(0))).revokes(blob("other.pub"))).toBe(true);
    for (const [type, content] of [
      [255, extension(1)],
      [4, wireString("a key")],
      [77, Buffer.alloc(0)],
      [2, wireString("")],
      [3, wireString("short")],
    ] as const) {
      expect(() => new RevocationList(more(type, content))).toThrow(RangeError);
      writeFileSync(at("list"), more(type, content));
      if (type !== 255 && type !== 77) continue;
      expect(spawnSync("ssh-keygen", ["-Q", "-f", at("list"), at("other.pub")]).status).not.toBe(0);
    }
    const part = (type: number, content: Buffer): Buffer =>
      more(1, Buffer.concat([wireUint32(0), wireUint32(0), Buffer.from([type]), wireString(content)]));
    expect(() => new RevocationList(part(0x20, Buffer.alloc(8)))).toThrow("serial number 0");
    expect(() => new RevocationList(part(0x21, Buffer.from("0000000000000009" + "0000000000000001", "hex")))).toThrow(
      "before it begins",
    );
    expect(() => new RevocationList(part(0x24, Buffer.alloc(8)))).toThrow("unknown kind");
  });

  it("whatever the bytes are, it reads them or says why not", () => {
    const whole = make("serial: 9\nserial: 20-40\nid: of ca\nkey: [other]\nsha256: [rsa]", "ca.pub");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Buffer.from(whole.subarray(0, length));
          for (const [index, byte] of changes) if (index < length) bytes[index] = byte;
          try {
            new RevocationList(bytes).revokes(blob("other.pub"));
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });
});

import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { codeFileOf, keepCode, readCode } from "./code-cache.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-code-"));
const program = join(directory, "program.cjs");
const code = Buffer.from("compiled code, whose length is no multiple of four");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("compiled code", () => {
  let file: string;
  beforeEach(() => {
    chmodSync(directory, 0o700);
    writeFileSync(program, "0;");
    file = codeFileOf(program, directory);
    keepCode(file, program, code);
  });

  it("is read as it was kept, and only its owner may write it", () => {
    expect(readCode(file)).toEqual(code);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("is not that of another version of the program, whose code it replaces", () => {
    utimesSync(program, 1, 1);
    const next = codeFileOf(program, directory);
    expect(readCode(next)).toBeUndefined();
    keepCode(next, program, code);
    expect(readdirSync(directory).filter((name) => name.endsWith(".code"))).toHaveLength(1);
    expect(readCode(next)).toEqual(code);
  });

  it("is not used when a byte of it has changed or is missing, wherever", () => {
    const kept = readFileSync(file);
    for (let at = 0; at < kept.length; at += 1) {
      const damaged = Buffer.from(kept);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      writeFileSync(file, damaged);
      expect(readCode(file)).toBeUndefined();
      writeFileSync(file, kept.subarray(0, at));
      expect(readCode(file)).toBeUndefined();
    }
  });

  it("is neither used nor kept where others may write", () => {
    chmodSync(directory, 0o770);
    expect(readCode(file)).toBeUndefined();
    keepCode(file, program, Buffer.from("other"));
    chmodSync(directory, 0o700);
    expect(readCode(file)).toEqual(code);
  });

  it("leaves nothing behind when it cannot be kept", () => {
    const nowhere = join(file, "file.code");
    expect(() => keepCode(nowhere, program, code)).not.toThrow();
    expect(readCode(nowhere)).toBeUndefined();
  });
});

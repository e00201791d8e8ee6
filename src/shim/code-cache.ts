import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fingerprint } from "../base/index.ts";

/** After the code stands its checksum: V8 trusts what it is given, and dies of code that has been damaged. */
const checksumBytes = 4;
const wordBytes = 4;

/** Where the compiled code of a program is kept in a directory: under a name that changes with the program, with Node and with its options. */
export function codeFileOf(program: string, directory: string): string {
  const { size, mtimeMs } = statSync(program);
  const identity = [size, Math.trunc(mtimeMs)].map((number) => number.toString(36)).join("-");
  return join(directory, `${familyOf(program)}${identity}.code`);
}

/** The names of all versions of a program that such a Node runs. V8 refuses code that was compiled under other options. */
function familyOf(program: string): string {
  const options = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].filter((text) => text !== "");
  const suffix = options.length === 0 ? "" : `${fingerprint(options.join("\n")).slice(0, 8)}-`;
  return `${basename(program)}-${process.version}-${process.arch}-${suffix}`;
}

/** The code that `keepCode` has kept; undefined when there is none, it is damaged, or others may have written it. */
export function readCode(file: string): Buffer | undefined {
  try {
    if (!isPrivate(dirname(file))) return undefined;
    const kept = readFileSync(file);
    const code = kept.subarray(0, -checksumBytes);
    return kept.length > checksumBytes && kept.readUInt32LE(code.length) === checksumOf(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps code for later processes, whole or not at all, in place of what was kept of other versions of the program. Never throws. */
export function keepCode(file: string, program: string, code: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!isPrivate(dirname(file))) return;
    writeDurably(draft, code);
    renameSync(draft, file);
    for (const name of readdirSync(dirname(file))) {
      if (name.startsWith(familyOf(program)) && name !== basename(file)) rmSync(join(dirname(file), name));
    }
  } catch {
    // The disk is full or read-only: the next process compiles again.
    removeDraft(draft);
  }
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // There is no directory that it could lie in.
  }
}

/** On the disk before it has its name, so that a power failure leaves no half of it there. */
function writeDurably(file: string, code: Buffer): void {
  const checksum = Buffer.alloc(checksumBytes);
  checksum.writeUInt32LE(checksumOf(code));
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, Buffer.concat([code, checksum]));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Code is run: whoever may write it may do all that its owner may. */
function isPrivate(directory: string): boolean {
  const facts = lstatSync(directory);
  return facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0;
}

/** FNV-1a over words of four bytes: less than a millisecond for a megabyte, without loading anything. */
function checksumOf(code: Buffer): number {
  const whole = code.length - (code.length % wordBytes);
  const words = new DataView(code.buffer, code.byteOffset, code.length);
  let hash = 0x811c9dc5;
  for (let at = 0; at < whole; at += wordBytes) hash = Math.imul(hash ^ words.getInt32(at, true), 0x01000193);
  for (let at = whole; at < code.length; at += 1) hash = Math.imul(hash ^ words.getUint8(at), 0x01000193);
  return hash >>> 0;
}

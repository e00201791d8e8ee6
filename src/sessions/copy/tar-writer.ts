import type { BytePath, SideFacts } from "./copy-side.ts";

const blockBytes = 512;

/** What the name field of a header holds; longer names go before it in a block of their own, as GNU has it and all read it. */
const longestName = 100;

/** Two blocks of zeros. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockBytes);

/** A regular file as a member of a tar archive. `name` is relative. */
export function tarMember(
  name: BytePath,
  bytes: Uint8Array,
  { mode, modifiedS }: Pick<SideFacts, "mode" | "modifiedS">,
): Buffer {
  const parts: Uint8Array[] = [];
  if (name.length > longestName) {
    const whole = Buffer.from(`${name}\0`, "latin1");
    parts.push(header({ name: "././@LongLink", type: "L", sizeBytes: whole.length, mode: 0o644, modifiedS: 0 }));
    parts.push(padded(whole));
  }
  parts.push(header({ name, type: "0", sizeBytes: bytes.length, mode, modifiedS }), padded(bytes));
  return Buffer.concat(parts);
}

interface Header {
  readonly name: BytePath;
  readonly type: "0" | "L";
  readonly sizeBytes: number;
  readonly mode: number;
  readonly modifiedS: number;
}

/** The fields where they stand (GNU tar manual, "Basic Tar Format"); nobody's owner. */
function header({ name, type, sizeBytes, mode, modifiedS }: Header): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name.slice(0, longestName), 0, "latin1");
  block.write(octal(mode, 7), 100, "latin1");
  block.write(octal(0, 7), 108, "latin1");
  block.write(octal(0, 7), 116, "latin1");
  block.write(octal(sizeBytes, 11), 124, "latin1");
  block.write(octal(Math.max(0, modifiedS), 11), 136, "latin1");
  // The sum is taken with spaces in its own place.
  block.write(" ".repeat(8), 148, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar  \0", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / blockBytes) * blockBytes);
}

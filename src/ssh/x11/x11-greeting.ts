import { timingSafeEqual } from "node:crypto";
import { cookieProtocol } from "./x11-authority.ts";

/** The fixed part of what a program says first: byte order, version, lengths of name and data (X Window System Protocol, §8). */
const headBytes = 12;

/** A name and a cookie are far shorter. */
const longestField = 256;

const bigEndian = 0x42;
const littleEndian = 0x6c;

/** What a program says first to an X server. */
export interface X11Greeting {
  /** Whether it shows just this cookie. */
  shows(cookie: Buffer): boolean;
  /** The same with another cookie, or with none. */
  with(cookie: Buffer | undefined): Buffer;
  /** How many bytes it takes. */
  readonly sizeBytes: number;
}

/** Reads it from the beginning of a stream: `more` when it is not all there yet, `broken` when it is none. */
export function readGreeting(bytes: Buffer): X11Greeting | "more" | "broken" {
  if (bytes.length === 0) return "more";
  const isLittle = bytes[0] === littleEndian;
  if (!isLittle && bytes[0] !== bigEndian) return "broken";
  if (bytes.length < headBytes) return "more";
  const nameBytes = isLittle ? bytes.readUInt16LE(6) : bytes.readUInt16BE(6);
  const dataBytes = isLittle ? bytes.readUInt16LE(8) : bytes.readUInt16BE(8);
  if (nameBytes > longestField || dataBytes > longestField) return "broken";
  const dataAt = headBytes + padded(nameBytes);
  const sizeBytes = dataAt + padded(dataBytes);
  if (bytes.length < sizeBytes) return "more";
  const name = bytes.subarray(headBytes, headBytes + nameBytes).toString("latin1");
  const shown = bytes.subarray(dataAt, dataAt + dataBytes);
  return {
    sizeBytes,
    shows: (cookie) => name === cookieProtocol && shown.length === cookie.length && timingSafeEqual(shown, cookie),
    with: (cookie) => greeting(bytes.subarray(0, 6), isLittle, cookie),
  };
}

/** What we say to an X server ourselves: version 11. */
export function ownGreeting(cookie: Buffer | undefined): Buffer {
  return greeting(Buffer.from([littleEndian, 0, 11, 0, 0, 0]), true, cookie);
}

function greeting(start: Buffer, isLittle: boolean, cookie: Buffer | undefined): Buffer {
  const name = Buffer.from(cookie === undefined ? "" : cookieProtocol);
  const data = cookie ?? Buffer.alloc(0);
  const whole = Buffer.alloc(headBytes + padded(name.length) + padded(data.length));
  start.copy(whole);
  for (const [at, length] of [[6, name.length] as const, [8, data.length] as const]) {
    if (isLittle) whole.writeUInt16LE(length, at);
    else whole.writeUInt16BE(length, at);
  }
  name.copy(whole, headBytes);
  data.copy(whole, headBytes + padded(name.length));
  return whole;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

import { createReadStream, existsSync } from "node:fs";
import { HoldfastError, LineAssembler } from "../base/index.ts";

/** An event is a piece of output at most, escaped; a file with longer lines is none of ours. */
const longestLineBytes = 8_388_608;

/** The first line of a log, in asciicast's second version; other players leave out what they do not know. */
export interface CastHeader {
  readonly width: number;
  readonly height: number;
  /** When it began, in seconds since 1970. */
  readonly timestamp: number;
  readonly title: string;
  /** The session, and the command where the log is of one. */
  readonly session: string;
  readonly command?: string | undefined;
}

/** `o` output, `e` its stderr, `i` what an agent typed, `m` a mark: a command begins or ends; `r` the terminal's new size, as `80x24`. */
export interface CastEvent {
  /** Seconds since the log began. */
  readonly atS: number;
  readonly kind: "o" | "e" | "i" | "m" | "r";
  readonly text: string;
}

export function headerLine({ session, command, ...header }: CastHeader): string {
  const own = { session, ...(command === undefined ? {} : { command }) };
  return `${JSON.stringify({ version: 2, ...header, env: { TERM: "xterm-256color" }, holdfast: own })}\n`;
}

export function eventLine({ atS, kind, text }: CastEvent): string {
  return `${JSON.stringify([Math.round(atS * 1_000_000) / 1_000_000, kind, text])}\n`;
}

/** The header of a log, then its events, one after the other; lines that are none are left out. Rejects with `file_missing`, and with `bad_input` for a file that is no log. */
export async function* readCast(path: string): AsyncGenerator<CastHeader | CastEvent> {
  const lines = new LineAssembler(longestLineBytes);
  let begun = false;
  if (!existsSync(path)) {
    throw new HoldfastError("file_missing", `there is no log ${path}`, { hint: "holdfast logs lists those there are" });
  }
  for await (const chunk of createReadStream(path)) {
    for (const line of lines.add(Buffer.from(chunk))) {
      const parsed = line.kind === "text" ? parsedLine(line.text) : undefined;
      const part = begun ? readEvent(parsed) : readHeader(parsed);
      if (part === undefined && !begun) throw noLog(path);
      begun = true;
      if (part !== undefined) yield part;
    }
  }
  if (!begun) throw noLog(path);
}

function noLog(path: string): HoldfastError {
  return new HoldfastError("bad_input", `${path} is no log (asciicast, version 2)`, {
    hint: "holdfast logs lists those there are",
  });
}

function readHeader(value: unknown): CastHeader | undefined {
  if (!isObject(value) || value["version"] !== 2) return undefined;
  const own = isObject(value["holdfast"]) ? value["holdfast"] : {};
  const { command } = own;
  return {
    width: wholeIn(value["width"], 80),
    height: wholeIn(value["height"], 24),
    timestamp: typeof value["timestamp"] === "number" ? value["timestamp"] : 0,
    title: textOf(value["title"]),
    session: textOf(own["session"]),
    ...(typeof command === "string" ? { command } : {}),
  };
}

const kinds: readonly CastEvent["kind"][] = ["o", "e", "i", "m", "r"];

function readEvent(value: unknown): CastEvent | undefined {
  const [atS, kind, text] = isList(value) ? value : [];
  const known = kinds.find((one) => one === kind);
  if (typeof atS !== "number" || known === undefined || typeof text !== "string") return undefined;
  return { atS, kind: known, text };
}

/** Larger than any window; what a file says is not to be trusted. */
const largestSize = 1_000;

function wholeIn(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 1 && value <= largestSize ? Math.floor(value) : otherwise;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsedLine(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

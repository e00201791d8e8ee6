import { z } from "zod";
import { errorCodes, type ErrorCode } from "../base/index.ts";

const size = z.strictObject({
  // As wide as any screen: a frame is as large as the window.
  columns: z.number().int().min(2).max(1_000),
  rows: z.number().int().min(1).max(500),
});

const wish = z.strictObject({
  on: z.string().min(1).max(400),
  onlyHere: z.boolean(),
  fresh: z.boolean(),
  window: size.optional(),
  tailBytes: z.number().int().min(0),
  readOnly: z.boolean(),
  giveBackMs: z.number().positive().optional(),
  from: z.strictObject({ stdout: z.number().int().min(0), stderr: z.number().int().min(0) }).optional(),
});

const fromWatcher = z.union([
  z.strictObject({ seen: z.literal(true) }),
  z.strictObject({ type: z.string() }),
  z.strictObject({ eof: z.literal(true) }),
  z.strictObject({ window: size }),
  z.strictObject({ floor: z.enum(["take", "give"]) }),
  z.strictObject({ watch: wish }),
]);

const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorCodes, text);

const fromDaemon = z.union([
  z.object({ opened: z.object({ id: z.string(), text: z.string(), onTerminal: z.boolean(), fresh: z.boolean() }) }),
  z.object({
    failed: z.object({ code: z.string().refine(isCode), message: z.string(), hint: z.string().optional() }),
  }),
  z.object({ frame: z.string() }),
  z.object({ output: z.base64(), stream: z.enum(["stdout", "stderr"]), at: z.number() }),
  z.object({ skipped: z.number() }),
  z.object({ floor: z.enum(["free", "yours", "another"]) }),
  z.object({ said: z.string() }),
  z.object({ gone: z.object({ successor: z.boolean() }) }),
  z.object({ ended: z.object({ ending: z.string(), exitStatus: z.number().optional() }) }),
]);

/** What whoever watches says: first what is to be watched; `seen` when a frame or a piece of output has been shown, and the next may come. */
export type WatcherWord = z.output<typeof fromWatcher>;

/** What is to be watched. */
export type WatchWish = z.output<typeof wish>;

/** What a daemon says to whoever watches. */
export type WatchWord = z.output<typeof fromDaemon>;

export function writeWatchWord(word: WatcherWord | WatchWord): string {
  return `${JSON.stringify(word)}\n`;
}

/** The word in a line; undefined when it is none. */
export function readWatcherWord(line: string): WatcherWord | undefined {
  return fromWatcher.safeParse(parsed(line)).data;
}

/** The word in a line; undefined when it is none. */
export function readWatchWord(line: string): WatchWord | undefined {
  return fromDaemon.safeParse(parsed(line)).data;
}

function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}

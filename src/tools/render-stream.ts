import type { CommandView, OutputStream } from "../sessions/index.ts";
import { countLines, takeHead, takeTail, type Cleaner } from "./cut-output.ts";
import type { SecretBorders } from "./gate.ts";
import { pieceBytes, readPieces, type OutputRange } from "./output-range.ts";
import { count, nextCall } from "./reply.ts";
import { heldAtEnd, readShown } from "./read-shown.ts";
import { decodeUtf8, incompleteTail } from "../base/index.ts";

/** Beyond this many left-out bytes (4 MiB) characters and lines are not counted any more: counting means fetching. */
const countedBytes = 4_194_304;

/** The least that is fetched for one end of a cut output (16 KiB): lines of terminal control show few characters. */
const leastEndBytes = 16_384;

/** UTF-8 has at most three bytes for each unit of a string's length; with escape sequences there are more, which is left alone. */
const mostBytesPerCharacter = 3;

/** What has been fetched of one stream for a reply: all of it, when it is short enough to hold, as text. */
export interface LoadedStream {
  readonly range: OutputRange;
  readonly borders: SecretBorders | undefined;
  readonly whole: { readonly bytes: Uint8Array; readonly text: string } | undefined;
}

/** How a stream is loaded. */
interface LoadOptions {
  /** Nothing more will come. */
  readonly final: boolean;
  /** Characters of output that can be shown. */
  readonly budget: number;
  readonly clean: Cleaner;
  readonly borders: SecretBorders | undefined;
}

/** Fetches a stream from `from` up to what there is now, if it may be shown whole. A character, or a secret, that is not complete yet is left for the next read, unless the stream has ended. */
export async function loadStream(range: OutputRange, options: LoadOptions): Promise<LoadedStream> {
  const { final, budget, clean, borders } = options;
  if (range.to - range.from > Math.max(pieceBytes, budget * mostBytesPerCharacter)) {
    const held = final ? 0 : await heldAtEnd(range, borders);
    return { range: { ...range, to: range.to - held }, borders, whole: undefined };
  }
  const { bytes: all, held } = await readShown(range, borders);
  const bytes = final ? all : all.subarray(0, all.length - Math.max(incompleteTail(all), held));
  const text = clean(decodeUtf8(bytes));
  return { range: { ...range, to: range.from + bytes.length }, borders, whole: { bytes, text } };
}

/** Characters that a stream needs when it is shown whole; endless when it was not fetched whole. */
export function neededBy(loaded: LoadedStream): number {
  return loaded.whole === undefined ? Number.POSITIVE_INFINITY : loaded.whole.text.length;
}

/** The text of a stream in at most `budget` characters: whole, or cut in the middle with the cut announced. */
export async function renderStream(loaded: LoadedStream, budget: number, clean: Cleaner): Promise<string> {
  if (loaded.whole !== undefined && loaded.whole.text.length <= budget) return loaded.whole.text;
  const { range, borders } = loaded;
  const half = Math.floor(Math.max(0, budget - announcementRoom) / 2);
  const endBytes = Math.max(leastEndBytes, half * 4);
  const headBytes =
    loaded.whole?.bytes ??
    (await readShown({ ...range, to: Math.min(range.to, range.from + endBytes) }, borders)).bytes;
  const head = takeHead(headBytes, half, clean);
  const from = range.from + head.sizeBytes;
  const tailFrom = Math.max(from, range.to - endBytes);
  const tailBytes =
    loaded.whole?.bytes.subarray(tailFrom - range.from) ??
    (await readShown({ ...range, from: tailFrom }, borders)).bytes;
  const tail = takeTail(tailBytes, half, clean);
  const leftOut = await measure({ ...range, from, to: range.to - tail.sizeBytes });
  return `${endLine(head.text)}${announcement(leftOut, range, from)}\n${tail.text}`;
}

/** Characters kept free for the line that announces the cut. */
const announcementRoom = 160;

/** `text` with a newline at its end, unless it is empty. */
export function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function announcement(leftOut: string, range: OutputRange, from: number): string {
  return `... ${leftOut} left out · ${nextCall("ssh_read", { command: range.command.id, from, ...streamArgument(range.command, range.stream) })} ...`;
}

/** Names the stream in a hint where there are two of them. */
function streamArgument(command: CommandView, stream: OutputStream): Record<string, string> {
  return command.stderrBytes > 0 ? { stream } : {};
}

async function measure(range: OutputRange): Promise<string> {
  const sizeBytes = range.to - range.from;
  if (sizeBytes > countedBytes) return `${count(sizeBytes)} bytes`;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let characters = 0;
  let lines = 0;
  for await (const piece of readPieces(range)) {
    characters += decoder.decode(piece, { stream: true }).length;
    lines += countLines(piece);
  }
  characters += decoder.decode().length;
  return `${count(characters)} characters (${count(lines)} lines)`;
}

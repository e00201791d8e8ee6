import type { CommandView, OutputStream } from "../sessions/index.ts";
import { lastLines } from "./cut-output.ts";
import type { Offsets } from "./first-line.ts";
import { readRange } from "./output-range.ts";

/** The first look back for the last lines (64 KiB); each further one is twice as long. */
const firstLookBytes = 65_536;

/** The last lines are looked for in at most this much output (8 MiB). */
const longestLookBytes = 8_388_608;

/** Where the last `lines` lines of each stream begin, not before `from`. */
export async function tailOffsets(command: CommandView, lines: number, from: Offsets): Promise<Offsets> {
  const [stdout, stderr] = await Promise.all([
    tailOffset(command, "stdout", lines, from.stdout),
    tailOffset(command, "stderr", lines, from.stderr),
  ]);
  return { stdout, stderr };
}

async function tailOffset(command: CommandView, stream: OutputStream, lines: number, from: number): Promise<number> {
  const to = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  for (let look = firstLookBytes; ; look *= 2) {
    const start = Math.max(Math.min(from, to), to - Math.min(look, longestLookBytes));
    const bytes = await readRange({ command, stream, from: start, to });
    const found = lastLines(bytes, lines);
    const done = found.length < bytes.length || start <= from || look >= longestLookBytes;
    if (done) return start + bytes.length - found.length;
  }
}

import { monotonicMs, oneLine, timeIsUp, withDeadline } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import { seconds } from "./first-line.ts";
import { decodeUtf8 } from "./utf8.ts";

/** At most one progress message in this time: clients draw each of them. */
const progressPeriodMs = 1_000;

/** A silent command is reported after this time, so that clients with an idle limit see life. */
const heartbeatMs = 10_000;

/** The last line is looked for in this many bytes. */
const lastLineBytes = 4_096;

/** Room for a progress message. */
const longestMessage = 120;

/** A wait must not outlast its limit because the last line is slow to fetch. */
const lastLineLimitMs = 300;

/** Output that follows within this time of the first is shown with it. */
const settleMs = 60;

interface AwaitOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly progress: ((message: string) => void) | undefined;
}

/** Resolves when the command has ended, the wait is over or the caller is gone; tells the caller the last line of output meanwhile. */
export async function awaitEnd(command: CommandView, options: AwaitOptions): Promise<void> {
  if (options.waitMs <= 0) return;
  if (options.progress === undefined) return command.ended(options.waitMs, options.signal);
  const until = monotonicMs() + options.waitMs;
  const report = reporter(command, options.progress);
  for (;;) {
    const left = until - monotonicMs();
    if (left <= 0 || options.signal.aborted) return;
    await command.ended(Math.min(progressPeriodMs, left), options.signal);
    if (command.state.kind !== "running" || options.signal.aborted) return;
    await report();
  }
}

/** Resolves when there is output beyond `seen` bytes of both streams together, the command has ended, the wait is over or the caller is gone. */
export async function awaitOutput(command: CommandView, seen: number, options: AwaitOptions): Promise<void> {
  const until = monotonicMs() + options.waitMs;
  const report = options.progress === undefined ? undefined : reporter(command, options.progress);
  const isNew = (): boolean => totalBytes(command) > seen;
  while (command.state.kind === "running" && !isNew()) {
    const left = until - monotonicMs();
    if (left <= 0 || options.signal.aborted) return;
    await command.changed(Math.min(progressPeriodMs, left), options.signal);
    if (!isNew()) await report?.();
  }
  if (command.state.kind === "running") {
    await command.ended(Math.max(0, Math.min(settleMs, until - monotonicMs())), options.signal);
  }
}

/** Bytes of both streams that exist so far. */
export function totalBytes(command: CommandView): number {
  return command.stdoutBytes + command.stderrBytes;
}

/** A function that sends what is new: the last line of output, or a sign of life when there was none for long. */
function reporter(command: CommandView, progress: (message: string) => void): () => Promise<void> {
  let sizes = { stdout: -1, stderr: -1 };
  let sentAtMs = monotonicMs() - progressPeriodMs;
  return async () => {
    const now = { stdout: command.stdoutBytes, stderr: command.stderrBytes };
    const grown: OutputStream | undefined =
      now.stdout > Math.max(0, sizes.stdout) ? "stdout" : now.stderr > Math.max(0, sizes.stderr) ? "stderr" : undefined;
    const sinceMs = monotonicMs() - sentAtMs;
    if (grown === undefined ? sinceMs < heartbeatMs : sinceMs < progressPeriodMs * 0.9) return;
    sizes = now;
    const line = grown === undefined ? "" : await lastLine(command, grown);
    sentAtMs = monotonicMs();
    progress(line === "" ? `running · ${seconds(command.durationMs)}` : line);
  };
}

async function lastLine(command: CommandView, stream: OutputStream): Promise<string> {
  const size = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  const from = Math.max(0, size - lastLineBytes);
  try {
    const slice = await withDeadline(command.read(stream, from, size - from), lastLineLimitMs);
    if (slice === timeIsUp) return "";
    const lines = decodeUtf8(slice.bytes)
      .split("\n")
      .map((line) => oneLine(line, longestMessage));
    return lines.findLast((line) => line !== "") ?? "";
  } catch {
    return "";
  }
}

import { decodeUtf8, monotonicMs, oneLine, timeIsUp, withDeadline } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import { seconds } from "./first-line.ts";

/** At most one progress message in this time: clients draw each of them. */
export const progressPeriodMs = 1_000;

/** A silent command is reported after this time, so that clients with an idle limit see life. */
const heartbeatMs = 10_000;

/** The last line is looked for in this many bytes. */
const lastLineBytes = 4_096;

/** Room for a progress message. */
const longestMessage = 120;

/** A wait must not outlast its limit because the last line is slow to fetch. */
const lastLineLimitMs = 300;

/** Bytes of both streams that exist so far. */
export function totalBytes(command: CommandView): number {
  return command.stdoutBytes + command.stderrBytes;
}

/** A function that sends what is new, at most once a second: the last line of output, or a sign of life when there was none for 10 s. */
export function progressReporter(command: CommandView, progress: (message: string) => void): () => Promise<void> {
  let sizes = { stdout: -1, stderr: -1 };
  let sentAtMs: number | undefined;
  const startedMs = monotonicMs();
  return async () => {
    const now = { stdout: command.stdoutBytes, stderr: command.stderrBytes };
    const grown: OutputStream | undefined =
      now.stdout > Math.max(0, sizes.stdout) ? "stdout" : now.stderr > Math.max(0, sizes.stderr) ? "stderr" : undefined;
    const quietMs = monotonicMs() - (sentAtMs ?? startedMs);
    if (grown === undefined ? quietMs < heartbeatMs : sentAtMs !== undefined && quietMs < progressPeriodMs) return;
    sizes = now;
    const line = grown === undefined ? "" : await lastLine(command, grown);
    sentAtMs = monotonicMs();
    progress(line === "" ? `running · ${seconds(command.durationMs)}` : line);
  };
}

/** Of several commands behind one call: at most one message a second, each command in its turn. */
export class ProgressTurns {
  readonly #send: (message: string) => void;
  /** The newest message of each command that has not been sent; the one that waits longest comes first. */
  readonly #waiting = new Map<string, string>();
  #sentAtMs = monotonicMs() - progressPeriodMs;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** Takes a message of the command known as `name`. */
  report(name: string, message: string): void {
    this.#waiting.set(name, message);
    if (monotonicMs() - this.#sentAtMs < progressPeriodMs) return;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next[0]);
    this.#sentAtMs = monotonicMs();
    this.#send(`${next[0]}: ${next[1]}`);
  }
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

import { HoldfastError, shellWord, timeIsUp } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";

/** How long one look at files on the host may take. */
const lookTimeoutMs = 30_000;

/** The most that one look brings: larger ranges are fetched piece by piece. */
const largestLookBytes = 8 * 1024 * 1024;

export interface LookResult {
  readonly status: number;
  readonly stdout: Buffer;
}

/** Runs a POSIX sh script on a channel of its own and collects its stdout, at most 8 MiB. Rejects with `connection_lost` or `timed_out`. */
export async function look(
  connection: SshConnection,
  script: string,
  limitMs: number = lookTimeoutMs,
): Promise<LookResult> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let finish: (status: number | undefined) => void = () => undefined;
  const done = new Promise<number | undefined>((resolve) => {
    finish = resolve;
  });
  const running = connection.exec(`exec /bin/sh -c ${shellWord(script)}`, {
    onStdout: (bytes) => {
      size += bytes.length;
      if (size <= largestLookBytes) chunks.push(Buffer.from(bytes));
    },
    onStderr: () => undefined,
    onEnd: (end) => {
      finish(end.kind === "exit" ? end.status : undefined);
    },
  });
  const asking = (async () => {
    const channel = await running;
    channel.eof();
    const ended = await done;
    channel.close();
    return ended;
  })();
  const status = await whileAlive(connection, asking, limitMs);
  if (status === timeIsUp) {
    running.then(
      (channel) => {
        channel.close();
      },
      () => undefined,
    );
    throw new HoldfastError("timed_out", `the host did not answer within ${limitMs / 1000} s`, { hint: "Call again" });
  }
  if (status === undefined) {
    throw new HoldfastError("connection_lost", "the connection was lost while reading from the host", {
      hint: "Call again",
    });
  }
  return { status, stdout: Buffer.concat(chunks) };
}

export interface LoggedCommand {
  readonly number: number;
  readonly epoch: number | "own";
  readonly startedAtMs: number;
  readonly text: string;
}

export interface SessionLog {
  /** Long texts are shortened. Oldest first. */
  readonly commands: readonly LoggedCommand[];
  /** Ends of commands by number, as far as they were noted. */
  readonly ends: ReadonlyMap<number, LoggedEnd>;
}

export interface LoggedEnd {
  readonly status: number;
  /** How long it ran; NaN where that is not known. */
  readonly lastedMs: number;
}

/** The newest `limit` commands of a session as its log on the host has them, and how they ended. */
export async function readLog(connection: SshConnection, directory: string, limit: number): Promise<SessionLog> {
  const script = `cd ${shellWord(directory)} && tail -n ${limit} log && echo fin && tail -n ${limit * 2} fin`;
  const { stdout } = await look(connection, script);
  const lines = stdout.toString().split("\n");
  const border = lines.indexOf("fin");
  const ends = new Map<number, LoggedEnd>();
  for (const line of lines.slice(border + 1)) {
    // The times are seconds, with two places, that the host had been up (proc(5), /proc/uptime).
    const [, number, status, began, ended] = /^(\d+) (\d+)(?: ([\d.]*) ([\d.]*))?$/.exec(line) ?? [];
    if (number === undefined || ends.has(Number(number))) continue;
    // Told once more, by a shell that died idle after it: the first word counts.
    const lastedMs = began && ended ? Math.max(0, Number(ended) - Number(began)) * 1000 : Number.NaN;
    ends.set(Number(number), { status: Number(status), lastedMs });
  }
  return { commands: lines.slice(0, border).flatMap(parseLogLine), ends };
}

/** `<number> <epoch, or b for a command beside the shell> <start ms> <text escaped for %b>` */
function parseLogLine(line: string): LoggedCommand[] {
  const match = /^(\d+) (\d+|b) (\d+) ([^]*)$/.exec(line);
  if (match === null) return [];
  const [, number, epoch, startedAtMs, text = ""] = match;
  return [
    {
      number: Number(number),
      epoch: epoch === "b" ? "own" : Number(epoch),
      startedAtMs: Number(startedAtMs),
      text: unescapeLine(text),
    },
  ];
}

function unescapeLine(text: string): string {
  return text.replaceAll(/\\(n|\\|0000)/g, (_, what: string) => (what === "n" ? "\n" : what === "\\" ? "\\" : "\0"));
}

/** The epochs whose output is still on the host, oldest first. */
export async function readEpochs(connection: SshConnection, directory: string): Promise<readonly number[]> {
  const { stdout } = await look(connection, `cd ${shellWord(directory)} && for f in O.*; do echo "$f"; done`);
  const epochs = stdout
    .toString()
    .split("\n")
    .flatMap((name) => (/^O\.\d+$/.test(name) ? [Number(name.slice(2))] : []));
  return epochs.toSorted((a, b) => a - b);
}

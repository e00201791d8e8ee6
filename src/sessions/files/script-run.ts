import { HoldfastError, randomHex, timeIsUp } from "../../base/index.ts";
import type { ChannelEnd, SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import type { ElevatedRun } from "../sudo/elevated-run.ts";
import { missingOnHost, type Elevation } from "../sudo/elevation.ts";
import { sudoRefused } from "../sudo/sudo-refused.ts";
import { toldByScript } from "./file-errors.ts";
import { fileCommand, fileLine } from "./file-script.ts";

/** How long one file may take: 2 MiB over a slow line, and a wait for other writers. */
const limitMs = 180_000;

/** Content goes out in pieces of this size, as fast as the host takes them. */
const pieceBytes = 65_536;

/** Answers are content plus what is told of files: room for a listing of 1,000 long names. */
const tellingBytes = 4 * 1024 * 1024;

/** Kept of what the shell complains of. */
const longestComplaint = 2_000;

/** Where scripts run, and as whom they may. */
export interface FilePlace {
  readonly connection: SshConnection;
  /** Where relative paths begin; "" for the login's home. */
  readonly directory: string;
  /** What runs them as another user. Rejects as attaching to the session does. */
  elevation(): Promise<Elevation>;
}

export interface FileScript {
  readonly script: "read" | "write";
  /** As the caller gave it, for messages. */
  readonly path: string;
  readonly variables: Readonly<Record<string, string | number>>;
  /** The user to run it as. */
  readonly sudo: string | undefined;
  /** Aborts when nobody waits for it: then nobody is asked for a password. */
  readonly signal: AbortSignal | undefined;
  /** Fed to the script. */
  readonly content?: Uint8Array;
  /** The most content that may come back. */
  readonly maxBytes: number;
}

/** What a script answered: its words, and where they end. */
export interface ScriptAnswer {
  readonly kind: string;
  /** Takes the next word. */
  word(): string;
  /** All that follows. */
  rest(): Buffer;
  readonly complaint: string;
}

/** There is no shell that could run a script; nothing was done. */
export const noShell = Symbol("no shell");

/** Runs a file script on the host. Rejects with what it tells, `connection_lost`, `timed_out`, or as sudo refuses it. */
export async function runFileScript(place: FilePlace, request: FileScript): Promise<ScriptAnswer | typeof noShell> {
  if (request.sudo === undefined) return answerOf(place.connection, request, undefined);
  const elevation = await place.elevation();
  const { path, script } = request;
  const run = await elevation.begin(request.sudo, { kind: "sh", purpose: `ssh_file_${script}`, path });
  const leave = (): void => {
    run.end();
  };
  request.signal?.addEventListener("abort", leave, { once: true });
  if (request.signal?.aborted === true) leave();
  try {
    return await answerOf(place.connection, request, run);
  } finally {
    request.signal?.removeEventListener("abort", leave);
    run.end();
  }
}

async function answerOf(
  connection: SshConnection,
  request: FileScript,
  run: ElevatedRun | undefined,
): Promise<ScriptAnswer | typeof noShell> {
  const nonce = randomHex(12);
  const outcome = await collect(connection, request, { nonce, run });
  const mark = Buffer.from(`\u001E${nonce}\n`);
  const at = outcome.stdout.indexOf(mark);
  if (at < 0) return withoutAnswer(request, outcome, run);
  const answer = reader(outcome.stdout.subarray(at + mark.length), outcome.complaint);
  if (answer.kind === "fail") {
    throw toldByScript(request.path, answer.word(), answer.word(), request.script === "write");
  }
  if (isCutOff(outcome.end) && request.script === "read") throw lost(request);
  return answer;
}

interface Outcome {
  readonly stdout: Buffer;
  readonly complaint: string;
  readonly end: ChannelEnd;
}

interface Script {
  readonly nonce: string;
  readonly run: ElevatedRun | undefined;
}

async function collect(connection: SshConnection, request: FileScript, { nonce, run }: Script): Promise<Outcome> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let complaint = "";
  let finish: (end: ChannelEnd) => void = () => undefined;
  const ended = new Promise<ChannelEnd>((resolve) => {
    finish = resolve;
  });
  const line = fileLine(request.script, { ...request.variables, N: nonce }, run !== undefined);
  const opening = connection.exec(
    fileCommand,
    {
      onStdout: (bytes) => {
        size += bytes.length;
        if (size <= request.maxBytes + tellingBytes) chunks.push(Buffer.from(bytes));
      },
      onStderr: (bytes) => {
        run?.heard(bytes);
        complaint = (complaint + Buffer.from(bytes).toString()).slice(0, longestComplaint);
      },
      onEnd: finish,
    },
    { input: `${run?.text.line ?? ""}${line}` },
  );
  const work = (async (): Promise<ChannelEnd> => {
    const channel = await opening;
    let over = false;
    void ended.then(() => (over = true));
    const content = request.content ?? new Uint8Array();
    for (let sent = 0; sent < content.length && !over; sent += pieceBytes) {
      if (!channel.write(content.subarray(sent, sent + pieceBytes))) await channel.drained();
    }
    channel.eof();
    const end = await ended;
    channel.close();
    return end;
  })();
  let end = await whileAlive(connection, work, limitMs);
  // A person may take longer, who is asked for a few minutes at most.
  while (end === timeIsUp && run?.waits === true) end = await whileAlive(connection, work, limitMs);
  if (end !== timeIsUp) return { stdout: Buffer.concat(chunks), complaint: run?.complaint ?? complaint, end };
  opening.then(
    (channel) => {
      channel.close();
    },
    () => undefined,
  );
  throw new HoldfastError("timed_out", `${request.path}: the host did not answer within ${limitMs / 1000} s`, {
    hint: request.script === "write" ? "Look with ssh_file_read whether it was written" : "Call again",
  });
}

/** The script did not come to its end: the connection is gone, or it was killed. A shell between says that as a status over 128. */
function isCutOff(end: ChannelEnd): boolean {
  return end.kind !== "exit" || end.status > 128;
}

/** Nothing of ours was said: the shell is none, sudo refused, or the connection is gone. */
function withoutAnswer(request: FileScript, { end }: Outcome, run: ElevatedRun | undefined): typeof noShell {
  if (request.signal?.aborted === true) throw new HoldfastError("cancelled", `${request.path}: nobody waits for sudo`);
  if (isCutOff(end)) throw lost(request);
  if (run?.missing !== undefined) throw missingOnHost(request.path, run.missing);
  if (run?.begun === true) throw sudoRefused(request.path, run);
  return noShell;
}

function lost(request: FileScript): HoldfastError {
  const what = request.script === "write" ? "written" : "read";
  return new HoldfastError("connection_lost", `the connection was lost while ${request.path} was ${what}`, {
    hint: "Look with ssh_file_read before you write again",
  });
}

function reader(bytes: Buffer, complaint: string): ScriptAnswer {
  let at = 0;
  const word = (): string => {
    const end = bytes.indexOf(0, at);
    const text = bytes.subarray(at, end < 0 ? bytes.length : end).toString();
    at = end < 0 ? bytes.length : end + 1;
    return text;
  };
  return { kind: word(), word, rest: () => bytes.subarray(at), complaint };
}

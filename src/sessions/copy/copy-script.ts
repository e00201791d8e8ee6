import { HoldfastError, Pulse, randomHex, shellWord, timeIsUp } from "../../base/index.ts";
import type { ChannelEnd, SshChannel, SshConnection } from "../../ssh/index.ts";
import { askingMs } from "../sudo/as-user.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { saidByHost } from "../files/file-errors.ts";
import { keepFunction, linkTargetFunction } from "../files/file-script.ts";
import { bootCommand, dense, escapeLine } from "../host-shell/host-scripts.ts";
import { shownPath, type BytePath } from "./copy-side.ts";
import copy from "./host/copy.sh";

/** The sections of `host/copy.sh` by name; "" is the beginning. */
const sections = new Map(
  `#: \n${copy}`
    .split(/^#: /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end).trim(), dense(section.slice(end + 1))] as const;
    }),
)
  .set("function target", linkTargetFunction)
  .set("function keep", keepFunction);

/** Functions of the script that operations may use. */
const functions = ["facts", "target", "there", "missing", "size", "stamp", "keep", "adopt"] as const;

/** A look at or a change of one name: longer is a host that does not answer. */
const limitMs = 120_000;

/** Bytes that wait to be read, at most about; then the host is made to wait. */
const mostWaiting = 4 * 1024 * 1024;

/** Room for the answer before its bytes: the mark and a complaint. */
const longestHead = 16_384;

export interface CopyScript {
  readonly script: string;
  /** For messages. */
  readonly path: BytePath;
  readonly variables: Readonly<Record<string, string | number>>;
  /** A longer answer is refused. */
  readonly mostBytes?: number;
  /** Fed to it. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Its stdin stays open, however long it takes; it ends when this aborts. */
  readonly signal?: AbortSignal;
  /** Told of each piece of input that was taken over by the connection. */
  readonly fed?: (bytes: number) => void;
}

/** What one operation of `host/copy.sh` answers. Rejects with what the host says, or `connection_lost`. */
export async function runCopyScript(connection: SshConnection, request: CopyScript): Promise<Buffer> {
  const work = (async () => {
    const chunks: Uint8Array[] = [];
    let left = request.mostBytes ?? Number.MAX_SAFE_INTEGER;
    for await (const chunk of streamCopyScript(connection, request)) {
      left -= chunk.length;
      if (left < 0) throw tooLong(request);
      chunks.push(Buffer.from(chunk));
    }
    return Buffer.concat(chunks);
  })();
  const longestMs =
    request.input === undefined && request.signal === undefined
      ? limitMs + askingMs(connection)
      : Number.MAX_SAFE_INTEGER;
  const outcome = await whileAlive(connection, work, longestMs);
  if (outcome !== timeIsUp) return outcome;
  throw new HoldfastError("timed_out", `${shownPath(request.path)}: the host did not answer in time`, {
    hint: "Call again",
  });
}

/** The bytes of an answer as they come; whoever leaves early ends the script. Rejects as `runCopyScript`, when it is not complete too. */
export async function* streamCopyScript(
  connection: SshConnection,
  request: CopyScript,
): AsyncGenerator<Uint8Array, void> {
  const nonce = randomHex(12);
  const inbox = new Inbox();
  const channel = await connection.exec(bootCommand, inbox, { input: copyScriptLine(request, nonce) });
  inbox.channel = channel;
  const letGo = closedBy(request.signal, channel);
  try {
    const feeding = feed(channel, inbox, request);
    feeding.catch(() => undefined);
    const head = new AnswerHead(nonce, request);
    for (let piece = await inbox.take(); piece !== undefined; piece = await inbox.take()) {
      const body = head.add(piece);
      if (body.length > 0) yield body;
    }
    await feeding;
    const { end } = inbox;
    if (!head.over && end?.kind === "exit") throw noAnswer(request);
    if (end?.kind !== "exit" || end.status !== 0) throw lost(request);
  } finally {
    letGo();
    channel.close();
  }
}

/** The channel closes when `signal` aborts, until the returned function is called. */
function closedBy(signal: AbortSignal | undefined, channel: SshChannel): () => void {
  const stop = (): void => channel.close();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  return () => signal?.removeEventListener("abort", stop);
}

/** What came from a channel and was not taken yet. */
class Inbox {
  channel: SshChannel | undefined;
  end: ChannelEnd | undefined;
  readonly #pieces: Uint8Array[] = [];
  readonly #news = new Pulse();
  #waiting = 0;

  onStdout(bytes: Uint8Array): void {
    this.#pieces.push(Buffer.from(bytes));
    this.#waiting += bytes.length;
    if (this.#waiting > mostWaiting) this.channel?.pause();
    this.#news.fire();
  }

  onStderr(): void {
    // What matters is told on the other stream.
  }

  onEnd(end: ChannelEnd): void {
    this.end = end;
    this.#news.fire();
  }

  /** The next piece; undefined at the end. */
  async take(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#waiting -= piece.length;
        if (this.#waiting < mostWaiting / 2) this.channel?.resume();
        return piece;
      }
      if (this.end !== undefined) return undefined;
      await this.#news.wait(Number.MAX_SAFE_INTEGER);
    }
  }
}

async function feed(channel: SshChannel, inbox: Inbox, { input, fed, signal }: CopyScript): Promise<void> {
  if (signal !== undefined) return;
  if (input !== undefined) {
    for await (const chunk of input) {
      if (inbox.end !== undefined) return;
      // A copy: a chunk is good until the next one is asked for, and the channel may keep it longer.
      if (!channel.write(Buffer.from(chunk))) await channel.drained();
      fed?.(chunk.length);
    }
  }
  channel.eof();
}

/** The beginning of an answer: the mark, and whether it is one. */
class AnswerHead {
  readonly #mark: Buffer;
  readonly #request: CopyScript;
  #held: Buffer = Buffer.alloc(0);
  over = false;

  constructor(nonce: string, request: CopyScript) {
    this.#mark = Buffer.from(`\u001E${nonce}\n`);
    this.#request = request;
  }

  /** The bytes of the answer in `piece`. Throws what the script tells; what has no answer where there should be one is dropped. */
  add(piece: Uint8Array): Uint8Array {
    if (this.over) return piece;
    this.#held = Buffer.concat([this.#held, piece]);
    const at = this.#held.indexOf(this.#mark);
    const start = at + this.#mark.length;
    const word = at < 0 ? -1 : this.#held.indexOf(0, start);
    if (word < 0) {
      if (this.#held.length > longestHead) throw noAnswer(this.#request);
      return Buffer.alloc(0);
    }
    this.over = this.#held.toString("latin1", start, word) === "ok";
    if (this.over) return this.#held.subarray(word + 1);
    const end = this.#held.indexOf(0, word + 1);
    if (end < 0) return Buffer.alloc(0);
    throw saidByHost(shownPath(this.#request.path), this.#held.toString("utf8", word + 1, end), "");
  }
}

/** The answer in all that a script has printed. Throws what it tells. */
export function answerIn(output: Uint8Array, nonce: string, request: CopyScript): Buffer {
  const head = new AnswerHead(nonce, request);
  const answer = head.add(output);
  if (!head.over) throw noAnswer(request);
  return Buffer.from(answer);
}

/** The line of stdin that runs an operation with its variables. */
export function copyScriptLine({ script: operation, variables }: CopyScript, nonce: string): string {
  const work = sections.get(operation) ?? "";
  const used = functions.filter((name) => new RegExp(`\\b${name}\\b`).test(work));
  const script = ["", ...used.map((name) => `function ${name}`)].map((name) => sections.get(name) ?? "").concat(work);
  const all = { ...variables, N: nonce };
  const assignments = Object.entries(all).map(([name, value]) => `${name}=${shellWord(String(value))}`);
  const line = escapeLine([...assignments, ...script].join("\n"));
  // Bytes beyond ASCII as `printf %b` takes them: the text itself goes out as UTF-8.
  return `${line.replaceAll(/[\u0080-\u00FF]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8)}`)}\n`;
}

function lost({ path }: CopyScript): HoldfastError {
  return new HoldfastError("connection_lost", `the connection was lost while ${shownPath(path)} was copied`, {
    hint: "Call again: it goes on from there",
  });
}

function tooLong({ path }: CopyScript): HoldfastError {
  return new HoldfastError("file_changed", `${shownPath(path)}: more came than the host had told`, {
    hint: "Copy it again when nobody writes it",
  });
}

function noAnswer({ path }: CopyScript): HoldfastError {
  return new HoldfastError("unsupported", `${shownPath(path)} is out of reach: the host runs no shell for it`, {
    hint: "Use what its command line has for files, with ssh_run",
  });
}

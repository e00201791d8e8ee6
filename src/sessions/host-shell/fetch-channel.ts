import { HoldfastError, Mutex, after, ownCopy, randomHex, timeIsUp } from "../../base/index.ts";
import type { SshChannel, SshConnection } from "../../ssh/index.ts";
import { whileAlive } from "../connections/while-alive.ts";
import { patiently } from "../patiently.ts";
import { bootCommand, fetchLine } from "./host-scripts.ts";

/** How long one range may take. */
const fetchTimeoutMs = 30_000;

/** The most that one request brings: larger ranges are read piece by piece. */
const largestFetchBytes = 8 * 1024 * 1024;

/** A channel that nobody has used for this long is closed: servers allow only a few. */
const idleMs = 10_000;

/** What a login may print before the first answer, and more than any login does. */
const longestGreetingBytes = 1024 * 1024;

interface Pending {
  /** More than was asked for is no answer. */
  readonly mostBytes: number;
  /** Bytes still to come; undefined until the header is there. */
  missing: number | undefined;
  readonly chunks: Uint8Array[];
  readonly done: (bytes: Buffer | undefined) => void;
  readonly failed: (error: HoldfastError) => void;
}

/** Reads ranges of a session's files over one channel, which is opened when it is needed: a login for each would cost far more. */
export class FetchChannel {
  readonly #connect: () => Promise<SshConnection>;
  readonly #directory: () => string;
  readonly #lock = new Mutex();
  #channel: SshChannel | undefined;
  /** Stands for the channel that there is, or that is being opened. */
  #current: symbol | undefined;
  #tag: Buffer = Buffer.alloc(0);
  #header: Buffer = Buffer.alloc(0);
  #pending: Pending | undefined;
  #cancelIdle: () => void = () => undefined;

  constructor(connect: () => Promise<SshConnection>, directory: () => string) {
    this.#connect = connect;
    this.#directory = directory;
  }

  /**
   * Bytes `[offset, offset + limit)` of a file of the session, at most 8 MiB; undefined when there is no such file. Reading twice does no
   * harm, so a connection that is lost meanwhile is made again.
   */
  async read(file: string, offset: number, limit: number): Promise<Buffer | undefined> {
    const mostBytes = Math.min(limit, largestFetchBytes);
    const request = `${file} ${offset} ${mostBytes}\n`;
    return this.#lock.run(() => patiently(() => this.#readOnce(request, mostBytes)));
  }

  async #readOnce(request: string, mostBytes: number): Promise<Buffer | undefined> {
    this.#cancelIdle();
    const connection = await this.#connect();
    const bytes = await whileAlive(connection, this.#exchange(connection, request, mostBytes), fetchTimeoutMs);
    if (bytes === timeIsUp) {
      this.close();
      throw new HoldfastError("timed_out", `the host did not answer within ${fetchTimeoutMs / 1000} s`, {
        hint: "Call again",
      });
    }
    this.#cancelIdle = after(idleMs, () => {
      this.close();
    });
    return bytes;
  }

  async #exchange(connection: SshConnection, request: string, mostBytes: number): Promise<Buffer | undefined> {
    const channel = this.#channel ?? (await this.#open(connection));
    const answer = new Promise<Buffer | undefined>((done, failed) => {
      this.#pending = { mostBytes, missing: undefined, chunks: [], done, failed };
    });
    channel.write(request);
    return answer;
  }

  close(): void {
    this.#cancelIdle();
    this.#channel?.eof();
    this.#channel?.close();
    this.#gone();
  }

  async #open(connection: SshConnection): Promise<SshChannel> {
    const nonce = randomHex(12);
    this.#tag = ownCopy(Buffer.from(`\u001E${nonce} `));
    this.#header = Buffer.alloc(0);
    // A channel that we have closed may tell of its end when the next one is in use, which that does not concern.
    const ours = Symbol("channel");
    this.#current = ours;
    const opened = await connection.exec(
      bootCommand,
      {
        onStdout: (bytes) => {
          if (this.#current === ours) this.#feed(Buffer.from(bytes));
        },
        onStderr: () => undefined,
        onEnd: () => {
          if (this.#current === ours) this.#gone();
        },
      },
      { input: fetchLine({ N: nonce, D: this.#directory() }) },
    );
    if (this.#current === ours) {
      this.#channel = opened;
      return opened;
    }
    opened.close();
    throw lostError();
  }

  /** The channel is of no use any more: who waits for an answer does so in vain. */
  #gone(): void {
    this.#channel = undefined;
    this.#current = undefined;
    this.#pending?.failed(lostError());
    this.#pending = undefined;
  }

  #feed(bytes: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (pending.missing === undefined) this.#readHeader(pending, bytes);
    else this.#collect(pending, bytes);
  }

  /** Skips what the login printed; then `<bytes>` or `gone`. */
  #readHeader(pending: Pending, bytes: Buffer): void {
    this.#header = Buffer.concat([this.#header, bytes]);
    const at = this.#header.indexOf(this.#tag);
    const end = at < 0 ? -1 : this.#header.indexOf("\n", at);
    if (end < 0) {
      if (this.#header.length > longestGreetingBytes) this.#senseless(pending);
      return;
    }
    const word = this.#header.subarray(at + this.#tag.length, end).toString();
    const rest = this.#header.subarray(end + 1);
    this.#header = Buffer.alloc(0);
    if (word === "gone") this.#finish(pending, undefined);
    else if (!/^\d+$/.test(word) || Number(word) > pending.mostBytes) this.#senseless(pending);
    else {
      pending.missing = Number(word);
      this.#collect(pending, rest);
    }
  }

  /** What the host sends is no answer: nothing more of it is kept. */
  #senseless(pending: Pending): void {
    this.#pending = undefined;
    this.#header = Buffer.alloc(0);
    this.close();
    pending.failed(
      new HoldfastError("output_gone", "the host's answer to a request for output makes no sense", {
        hint: "Check what the login's rc files print, and head, tail and wc on the host",
      }),
    );
  }

  #collect(pending: Pending, bytes: Buffer): void {
    pending.chunks.push(bytes);
    pending.missing = (pending.missing ?? 0) - bytes.length;
    if (pending.missing <= 0) this.#finish(pending, Buffer.concat(pending.chunks));
  }

  #finish(pending: Pending, bytes: Buffer | undefined): void {
    this.#pending = undefined;
    pending.done(bytes);
  }
}

function lostError(): HoldfastError {
  return new HoldfastError("connection_lost", "the connection was lost while reading from the host", {
    hint: "Call again",
  });
}

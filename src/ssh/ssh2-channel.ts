import type { Client } from "ssh2";
import { after } from "../base/index.ts";
import type { ChannelEnd, ChannelListener, SshChannel } from "./engine.ts";
import { refillWindow } from "./receive-window.ts";
import { closeForGood, protocolOf, type SessionStream } from "./ssh2-internals.ts";

/** After an exit status, how long to wait for silence before asking the server whether more is to come. */
const exitGraceMs = 200;

export interface ChannelParts {
  readonly client: Client;
  readonly stream: SessionStream;
  readonly listener: ChannelListener;
  /** Asks the server for a sign of life; undefined when it is not known to answer. */
  readonly roundTrip: (() => Promise<void>) | undefined;
}

/** One session channel of ssh2 as the engine's channel. */
export class Ssh2Channel implements SshChannel {
  readonly #client: Client;
  readonly #stream: SessionStream;
  readonly #listener: ChannelListener;
  readonly #roundTrip: (() => Promise<void>) | undefined;
  readonly #waiting = new Set<() => void>();
  #exit: ChannelEnd | undefined;
  #ended = false;
  #eof = false;
  #closing = false;
  #paused = false;
  #openStreams = 2;
  #receivedBytes = 0;

  constructor(parts: ChannelParts) {
    this.#client = parts.client;
    this.#stream = parts.stream;
    this.#listener = parts.listener;
    this.#roundTrip = parts.roundTrip;
    this.#listen();
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#eof || this.#closing || this.#ended) return true;
    return this.#stream.write(bytes);
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended || this.#closing || !this.#stream.writableNeedDrain) resolve();
      else this.#waiting.add(resolve);
    });
  }

  eof(): void {
    if (this.#eof || this.#closing || this.#ended) return;
    this.#eof = true;
    this.#stream.end();
  }

  pause(): void {
    if (this.#closing) return;
    this.#paused = true;
    this.#stream.pause();
    this.#stream.stderr.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream.resume();
    this.#stream.stderr.resume();
  }

  resize(columns: number, rows: number): void {
    if (this.#closing || this.#stream.outgoing.state !== "open") return;
    protocolOf(this.#client).windowChange(this.#stream.outgoing.id, rows, columns, 0, 0);
  }

  signal(name: string): void {
    if (this.#closing || this.#ended) return;
    // ssh2's own refuses to after an end of file, which servers do not mind.
    protocolOf(this.#client).signal(this.#stream.outgoing.id, name);
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#wake();
    closeForGood(this.#stream);
    // What still comes is read and dropped: unread bytes would keep the channel from ever ending.
    this.resume();
  }

  #listen(): void {
    const { stderr } = this.#stream;
    this.#stream.on("data", (bytes: Buffer) => {
      if (!this.#received(bytes)) return;
      this.#listener.onStdout(bytes);
    });
    stderr.on("data", (bytes: Buffer) => {
      if (!this.#received(bytes)) return;
      this.#listener.onStderr(bytes);
    });
    this.#stream.on("exit", (code: number | null, signal?: string) => {
      this.#exit ??=
        code === null
          ? { kind: "signal", signal: (signal ?? "UNKNOWN").replace(/^SIG/, "") }
          : { kind: "exit", status: code };
      this.#awaitSilence();
    });
    this.#stream.on("drain", () => {
      this.#wake();
    });
    // Both errors and ends of the connection show as `close`; an error event without a listener would end the process.
    for (const stream of [this.#stream, stderr]) {
      stream.on("error", () => undefined);
      stream.once("close", () => {
        this.#openStreams -= 1;
        if (this.#openStreams === 0) this.#end();
      });
    }
  }

  #received(bytes: Buffer): boolean {
    this.#receivedBytes += bytes.length;
    refillWindow(this.#client, this.#stream);
    return !this.#closing && !this.#ended;
  }

  /** A background process that holds the pipes would keep the channel open: end when the server has nothing more to say. */
  #awaitSilence(): void {
    const seen = this.#receivedBytes;
    if (this.#roundTrip === undefined) return;
    const ask = this.#roundTrip;
    after(exitGraceMs, () => {
      if (this.#ended) return;
      if (!this.#isSilentSince(seen)) this.#awaitSilence();
      else void this.#endIfSilent(ask, seen);
    });
  }

  async #endIfSilent(ask: () => Promise<void>, seen: number): Promise<void> {
    await ask();
    if (this.#ended) return;
    if (!this.#isSilentSince(seen)) this.#awaitSilence();
    else {
      this.close();
      this.#end();
    }
  }

  #isSilentSince(seen: number): boolean {
    return (
      !this.#paused &&
      this.#receivedBytes === seen &&
      this.#stream.readableLength + this.#stream.stderr.readableLength === 0
    );
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    this.#listener.onEnd(this.#exit ?? { kind: "lost" });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

import type { Client } from "ssh2";
import { after } from "../base/index.ts";
import type { ChannelEnd, ChannelListener, ExecOptions } from "./engine.ts";
import { askForSession, protocolOf, type SessionStream } from "./ssh2-internals.ts";
import { Ssh2Channel } from "./ssh2-channel.ts";
import { countAhead, sendAhead } from "./write-ahead.ts";

/** The number that the server gives to the first channel of a connection. */
const firstNumber = 0;

/** Who announced a command runs it as soon as there is a connection: after this time nobody will. */
const claimLimitMs = 10_000;

/** What became of it: the channel that it runs on, or how it was turned down. `wrong`: the server does not number channels as expected. */
export type AheadOutcome = Ssh2Channel | "refused" | "closed" | "wrong";

export interface AheadParts {
  readonly client: Client;
  readonly command: string;
  readonly input: string;
  /** As in `Ssh2Channel`. */
  readonly roundTrip: (() => Promise<void>) | undefined;
}

/**
 * A command that goes out in one flight with the request for the channel that it is to run on, and with its first input: the first on its
 * connection. Until somebody claims it, its output is not read.
 */
export class ExecAhead {
  readonly #parts: Pick<AheadParts, "client" | "roundTrip">;
  readonly #inputBytes: number;
  /** What it was sent, until somebody has it or nobody may: it is long, and the connection keeps this for ever. */
  #sent: Pick<AheadParts, "command" | "input"> | undefined;
  readonly #listener = new LateListener();
  readonly #outcome: Promise<AheadOutcome>;
  readonly #takeBack: () => void;
  #settle: (outcome: AheadOutcome) => void = () => undefined;
  #stream: SessionStream | undefined;
  #channel: Ssh2Channel | undefined;
  #answered = false;
  #stopWaiting: () => void = () => undefined;

  /** Sends it. */
  constructor({ client, command, input, roundTrip }: AheadParts) {
    this.#parts = { client, roundTrip };
    this.#sent = { command, input };
    const bytes = Buffer.from(input);
    this.#inputBytes = bytes.length;
    this.#outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#takeBack = askForSession(client, (opened) => {
      this.#opened(opened);
    });
    protocolOf(client).exec(firstNumber, command, true);
    sendAhead(client, firstNumber, bytes);
  }

  /** The server has said what became of it. */
  get answered(): boolean {
    return this.#answered;
  }

  /** It has a channel, or gets one, that nobody counts: somebody may yet want it. */
  get unclaimed(): boolean {
    return this.#sent !== undefined;
  }

  /** Whether it is this that is to be run, and nobody has it yet; who hears so has it, and claims it. */
  take(command: string, options: ExecOptions): boolean {
    const { pty, input = "" } = options;
    if (pty !== undefined || command !== this.#sent?.command || input !== this.#sent.input) return false;
    this.#sent = undefined;
    this.#stopWaiting();
    return true;
  }

  /** Hands it to whoever wanted it; `closed` is called when its channel is. */
  async claim(listener: ChannelListener, closed: () => void): Promise<AheadOutcome> {
    this.#listener.begin(listener);
    this.#channel?.resume();
    const outcome = await this.#outcome;
    if (this.#stream === undefined || this.#stream.destroyed || this.#stream.incoming.state === "closed") closed();
    else this.#stream.once("close", closed);
    return outcome;
  }

  /** The server has read all of it and done none of it: nothing of it is there. */
  drop(): void {
    this.#takeBack();
    this.#answer("closed");
  }

  #opened(opened: SessionStream | Error): void {
    if (opened instanceof Error || opened.outgoing.id !== firstNumber) {
      this.#answer("reason" in opened && typeof opened.reason !== "number" ? "closed" : "wrong");
      return;
    }
    this.#stream = opened;
    countAhead(opened, this.#inputBytes);
    const channel = new Ssh2Channel({ ...this.#parts, stream: opened, listener: this.#listener });
    this.#channel = channel;
    if (!this.#listener.begun) {
      channel.pause();
      if (this.#sent !== undefined) this.#stopWaiting = after(claimLimitMs, () => this.#expire(channel));
    }
    opened._callbacks.push((failed) => {
      if (failed === false) {
        this.#listener.granted = true;
        this.#answer(channel);
        return;
      }
      this.#answer(opened.incoming.state === "closed" ? "closed" : "refused");
      channel.close();
    });
  }

  #expire(channel: Ssh2Channel): void {
    this.#sent = undefined;
    channel.close();
  }

  #answer(outcome: AheadOutcome): void {
    this.#answered = true;
    this.#settle(outcome);
  }
}

/** Passes on what a channel tells once there is somebody to tell it to; an end only when the command was granted. */
class LateListener implements ChannelListener {
  granted = false;
  #listener: ChannelListener | undefined;
  #end: ChannelEnd | undefined;

  get begun(): boolean {
    return this.#listener !== undefined;
  }

  begin(listener: ChannelListener): void {
    this.#listener = listener;
    if (this.#end !== undefined) this.onEnd(this.#end);
  }

  onStdout(bytes: Uint8Array): void {
    this.#listener?.onStdout(bytes);
  }

  onStderr(bytes: Uint8Array): void {
    this.#listener?.onStderr(bytes);
  }

  onEnd(end: ChannelEnd): void {
    if (!this.granted) return;
    if (this.#listener === undefined) this.#end = end;
    else this.#listener.onEnd(end);
  }
}

import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { HoldfastError, LineAssembler, after, every, messageOf, renderError, type InputLine } from "../base/index.ts";
import type { DaemonConnection } from "./dial-daemon.ts";
import { readFarewell, type Farewell } from "./hello.ts";
import { cancelledId, failureLine, readMessage, type Message, type MessageId } from "./json-rpc.ts";
import { LifeSign } from "./life-sign.ts";
import { Opening } from "./opening.ts";
import { Unanswered, type Waiting } from "./unanswered.ts";

/** The longest line that is passed on; the server takes no longer ones. */
const longestLineBytes = 33_554_432;

/** A reply may be longer: it holds at most 1,000,000 characters of output of up to 64 targets, escaped. */
const longestReplyBytes = 536_870_912;

/** After the end of input, the answers that are on their way have this long. */
const endLimitMs = 950;

/** Between two looks at whether the daemon lives. */
const lookEveryMs = 1_000;

/** What a relay needs. */
export interface RelayParts {
  readonly input: Readable;
  readonly output: Writable;
  /** A request to initialize that the client has the answer to already, at the beginning of `input`. */
  readonly answered: MessageId | undefined;
  /** The connection to begin with; nothing was sent on it yet. */
  readonly first: DaemonConnection;
  /** Another one, when that is gone. */
  readonly reach: () => Promise<DaemonConnection>;
  /** Aborts when the process is to end at once. */
  readonly signal: AbortSignal;
}

interface Link {
  readonly socket: Socket;
  /** Lines sent on it. */
  sent: number;
  farewell: Farewell | undefined;
}

/** Passes MCP messages between a client and the daemon until the client is gone, over as many daemons as it takes. Never rejects. */
export function relay(parts: RelayParts): Promise<void> {
  return new Relay(parts).run();
}

class Relay {
  readonly #parts: RelayParts;
  readonly #unanswered = new Unanswered();
  readonly #opening = new Opening();
  readonly #life = new LifeSign();
  #answered: MessageId | undefined;
  #link: Link | undefined;
  #reaching = false;
  #inputEnded = false;
  #over = false;
  #finish: () => void = () => undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#answered = parts.answered;
  }

  async run(): Promise<void> {
    const { input, output, signal, first } = this.#parts;
    const over = new Promise<void>((resolve) => {
      this.#finish = () => {
        this.#over = true;
        resolve();
      };
    });
    const lines = new LineAssembler(longestLineBytes);
    signal.addEventListener("abort", this.#finish, { once: true });
    output.on("error", this.#finish);
    output.on("drain", () => this.#link?.socket.resume());
    input.on("data", (chunk: Buffer) => {
      for (const line of lines.add(chunk)) this.#fromClient(line);
    });
    for (const event of ["end", "close", "error"]) input.on(event, () => this.#endOfInput());
    this.#use(first);
    if (input.readableEnded || input.destroyed) this.#endOfInput();
    if (signal.aborted) this.#finish();
    const stopLooking = every(lookEveryMs, () => this.#look());
    await over;
    stopLooking();
    input.pause();
    this.#link?.socket.destroy();
  }

  #use({ socket }: DaemonConnection): void {
    const link: Link = { socket, sent: 0, farewell: undefined };
    this.#link = link;
    const lines = new LineAssembler(longestReplyBytes);
    this.#life.heard();
    socket.on("data", (chunk: Buffer) => {
      this.#life.heard();
      for (const line of lines.add(chunk)) if (line.kind === "text") this.#fromDaemon(link, line.text);
    });
    socket.on("drain", () => this.#flow());
    socket.on("end", () => this.#lost(link));
    socket.on("close", () => this.#lost(link));
    for (const line of this.#opening.again()) this.#write(link, line);
    for (const waiting of this.#unanswered.unsent) this.#send(link, waiting);
    socket.resume();
    this.#flow();
    if (this.#inputEnded) socket.end();
  }

  /** A daemon that stands still is left: what it was asked is asked again at the next one. */
  #look(): void {
    const link = this.#link;
    const waits = this.#unanswered.urgent && link?.socket.isPaused() === false;
    if (link === undefined || !waits) {
      this.#life.heard();
      return;
    }
    const next = this.#life.look();
    if (next === "ask") this.#write(link, this.#opening.lifeLine());
    if (next === "give up") this.#lost(link);
  }

  #fromClient(line: InputLine): void {
    if (line.kind === "too_long") {
      this.#toClient('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the message is too long"}}');
      return;
    }
    const message = readMessage(line.text);
    if (message?.kind === "request") {
      this.#opening.asked(message);
      if (this.#isAnswered(message)) return;
      const waiting = this.#unanswered.add(message, line.text);
      if (this.#link === undefined) this.#reach();
      else this.#send(this.#link, waiting);
      if (this.#unanswered.full) this.#flow();
      return;
    }
    if (message?.kind === "notification") this.#note(message, line.text);
    // Without a link there is nobody that it means anything to.
    if (this.#link !== undefined) this.#write(this.#link, line.text);
  }

  /** The daemon hears it all the same, in words of ours. */
  #isAnswered(message: Extract<Message, { readonly kind: "request" }>): boolean {
    if (message.id !== this.#answered || message.method !== "initialize") return false;
    this.#answered = undefined;
    this.#opening.answered(message.id);
    if (this.#link !== undefined) for (const line of this.#opening.again()) this.#write(this.#link, line);
    return true;
  }

  #note(message: { readonly method: string; readonly whole: Readonly<Record<string, unknown>> }, line: string): void {
    if (message.method === "notifications/initialized") this.#opening.completed(line);
    const id = message.method === "notifications/cancelled" ? cancelledId(message.whole) : undefined;
    if (id !== undefined) this.#unanswered.settle(id);
  }

  #send(link: Link, waiting: Waiting): void {
    const { line } = waiting;
    this.#write(link, line);
    this.#unanswered.sent(waiting, link.sent);
  }

  #write(link: Link, line: string): void {
    link.sent += 1;
    if (!link.socket.write(`${line}\n`)) this.#parts.input.pause();
  }

  #fromDaemon(link: Link, line: string): void {
    const farewell = readFarewell(line);
    if (farewell !== undefined) {
      link.farewell = farewell;
      this.#lost(link);
      return;
    }
    const message = readMessage(line);
    if (message?.kind === "response") {
      if (this.#opening.answered(message.id) === "ours") return;
      this.#unanswered.settle(message.id);
    }
    this.#toClient(line);
    if (message?.kind === "response") this.#flow();
  }

  #toClient(line: string): void {
    if (!this.#parts.output.write(`${line}\n`)) this.#link?.socket.pause();
  }

  /** Reads the client while there is somebody to pass it on to and room to remember it. */
  #flow(): void {
    const blocked = this.#link === undefined ? this.#reaching : this.#link.socket.writableNeedDrain;
    if (blocked || this.#unanswered.full) this.#parts.input.pause();
    else this.#parts.input.resume();
  }

  #lost(link: Link): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    link.socket.destroy();
    for (const waiting of this.#unanswered.lost(link.farewell?.taken)) {
      const call = waiting.tool ?? waiting.method;
      this.#fail(
        waiting,
        new HoldfastError(
          "connection_lost",
          `the Holdfast daemon ended while ${call} was on its way; the outcome is unknown`,
          {
            hint: "Look with ssh_list or ssh_read how things stand before you repeat it",
          },
        ),
      );
    }
    if (this.#inputEnded) this.#finish();
    else if (this.#wantsServer(link.farewell)) this.#reach();
    else this.#flow();
  }

  /** A client that only follows something has no use for a daemon that somebody wanted to end; one that waits for an answer has. */
  #wantsServer(farewell: Farewell | undefined): boolean {
    if (this.#unanswered.urgent) return true;
    return (this.#unanswered.size > 0 || this.#opening.follows) && (farewell === undefined || farewell.successor);
  }

  #fail(waiting: Waiting, error: HoldfastError): void {
    this.#toClient(failureLine({ id: waiting.id, isCall: waiting.tool !== undefined }, renderError(error)));
  }

  #reach(): void {
    if (this.#reaching || this.#over) return;
    this.#reaching = true;
    this.#flow();
    this.#parts.reach().then(
      (connection) => {
        this.#reaching = false;
        if (this.#over) connection.socket.destroy();
        else this.#use(connection);
      },
      (thrown: unknown) => {
        this.#reaching = false;
        for (const waiting of this.#unanswered.takeAll()) this.#fail(waiting, noDaemon(waiting, thrown));
        if (this.#inputEnded) this.#finish();
        else this.#flow();
      },
    );
  }

  #endOfInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    after(endLimitMs, this.#finish);
    // The daemon answers what it has, then closes.
    if (this.#link !== undefined) this.#link.socket.end();
    else if (this.#unanswered.size === 0) this.#finish();
  }
}

function noDaemon(waiting: Waiting, thrown: unknown): HoldfastError {
  const outcome = waiting.times > 0 ? "the outcome is unknown" : "nothing was done";
  return new HoldfastError("connection_lost", `${messageOf(thrown)}; ${outcome}`, {
    hint: "Call again; holdfast doctor tells more about the daemon",
  });
}

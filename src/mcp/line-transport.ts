import type { Readable, Writable } from "node:stream";
import {
  parseJSONRPCMessage,
  serializeMessage,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { LineAssembler, Pulse, messageOf, monotonicMs } from "../base/index.ts";
import { QuestionIds } from "./question-ids.ts";

/** The longest message that is taken (32 MiB): longer than anything a tool accepts, so that the tool can say so itself. */
const longestMessageBytes = 33_554_432;

/** After end of input, replies that are on their way have this long to get out. */
const flushLimitMs = 900;

/** JSON-RPC error codes (JSON-RPC 2.0 §5.1). */
const parseError = -32_700;
const invalidRequest = -32_600;

/**
 * MCP over a pair of streams, one message a line. Differs from the SDK's own in what matters at the edges: at end of input
 * the replies in flight are sent before it closes, and a line that is too long or no JSON is answered instead of ending the connection.
 */
export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #lines = new LineAssembler(longestMessageBytes);
  readonly #unanswered = new Set<string | number>();
  readonly #answered = new Pulse();
  readonly #ids = new QuestionIds();
  #answeredBefore: string | number | undefined;
  #closed = false;
  #ending = false;
  #draining = false;
  #taken = 0;

  /** The answer to `answered` is not sent, once: the client has it. */
  constructor(input: Readable, output: Writable, answered?: string | number) {
    this.#input = input;
    this.#output = output;
    this.#answeredBefore = answered;
  }

  async start(): Promise<void> {
    this.#input.on("data", this.#onData);
    this.#input.on("error", this.#onError);
    this.#input.on("end", this.#onEnd);
    this.#input.on("close", this.#onEnd);
    this.#output.on("error", this.#onOutputError);
    // A socket comes paused from its handshake.
    this.#input.resume();
    if (this.#input.readableEnded || this.#input.destroyed) this.#onEnd();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return;
    const answeredId = "id" in message && !("method" in message) ? message.id : undefined;
    if (answeredId !== undefined && answeredId === this.#answeredBefore) this.#answeredBefore = undefined;
    else await this.#write(serializeMessage(this.#ids.outgoing(message)));
    this.#settle(answeredId);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.off("close", this.#onEnd);
    this.#input.pause();
    this.#answered.fire();
    this.onclose?.();
  }

  /** Takes no more lines; resolves with how many it has taken when all of those are answered, after `limitMs` at the latest. */
  async drain(limitMs: number): Promise<number> {
    this.#draining = true;
    this.#input.pause();
    await this.#allAnswered(limitMs);
    return this.#taken;
  }

  readonly #onData = (chunk: Buffer): void => {
    for (const line of this.#lines.add(chunk)) {
      if (this.#draining) return;
      this.#taken += 1;
      if (line.kind === "too_long") {
        this.#refuse(invalidRequest, `the message is longer than ${longestMessageBytes} bytes and was dropped`);
      } else this.#receive(line.text);
    }
  };

  readonly #onEnd = (): void => {
    if (this.#ending) return;
    this.#ending = true;
    this.#closeWhenAnswered().catch(this.#onError);
  };

  readonly #onError = (error: Error): void => {
    this.onerror?.(error);
  };

  /** The client no longer reads: nothing can be answered any more. */
  readonly #onOutputError = (error: Error): void => {
    this.onerror?.(error);
    this.close().catch(this.#onError);
  };

  async #closeWhenAnswered(): Promise<void> {
    await this.#allAnswered(flushLimitMs);
    await this.close();
  }

  async #allAnswered(limitMs: number): Promise<void> {
    const until = monotonicMs() + limitMs;
    while (this.#unanswered.size > 0 && !this.#closed && monotonicMs() < until) {
      await this.#answered.wait(until - monotonicMs());
    }
  }

  #receive(text: string): void {
    if (text.trim() === "") return;
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(text));
    } catch (thrown) {
      this.#refuse(
        thrown instanceof SyntaxError ? parseError : invalidRequest,
        thrown instanceof SyntaxError ? messageOf(thrown) : "no JSON-RPC message",
      );
      return;
    }
    this.#track(message);
    const meant = this.#ids.incoming(message);
    if (meant === undefined) this.onerror?.(new Error("an answer came to a question that was not asked here"));
    else this.onmessage?.(meant);
  }

  #track(message: JSONRPCMessage): void {
    // A request to listen is answered when listening ends: nobody waits for it.
    if (!("method" in message) || message.method === "subscriptions/listen") return;
    if ("id" in message) this.#unanswered.add(message.id);
    else if (message.method === "notifications/cancelled") this.#settle(cancelledId(message.params));
  }

  #settle(id: string | number | undefined): void {
    if (id !== undefined && this.#unanswered.delete(id)) this.#answered.fire();
  }

  #refuse(code: number, message: string): void {
    this.onerror?.(new Error(message));
    this.#write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })}\n`).catch(this.#onError);
  }

  /** Resolves when the bytes are out, or at least in the queue of a client that reads; ends with the stream. */
  #write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#output.destroyed || this.#output.writableEnded) resolve();
      else this.#output.write(text, () => resolve());
    });
  }
}

function cancelledId(params: unknown): string | number | undefined {
  if (typeof params !== "object" || params === null || !("requestId" in params)) return undefined;
  const { requestId } = params;
  return typeof requestId === "string" || typeof requestId === "number" ? requestId : undefined;
}

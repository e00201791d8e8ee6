import { randomUUID } from "node:crypto";
import { type JSONRPCMessage, type Transport } from "@modelcontextprotocol/server";
import { every } from "../base/index.ts";

/** A comment this often keeps proxies from closing a silent stream. */
const keepAliveMs = 15_000;

/** A client that does not read is cut off when this much waits for it. */
const longestBacklogBytes = 33_554_432;

/** HTTP+SSE of revision 2024-11-05: the server's messages on one stream of events, the client's as posts to an address named there. */
export class SseTransport implements Transport {
  readonly sessionId = randomUUID();
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #postPath: string;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #stopKeepAlive: () => void = () => undefined;

  constructor(postPath: string) {
    this.#postPath = postPath;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      },
      { highWaterMark: longestBacklogBytes, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  async start(): Promise<void> {
    this.#write(`event: endpoint\ndata: ${this.#postPath}?sessionId=${this.sessionId}\n\n`);
    this.#stopKeepAlive = every(keepAliveMs, () => this.#write(": keepalive\n\n"));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  async close(): Promise<void> {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#controller = undefined;
    this.#stopKeepAlive();
    try {
      controller.close();
    } catch {
      // The reader has cancelled it already.
    }
    this.onclose?.();
  }

  /** Takes a message that the client has posted. */
  receive(message: JSONRPCMessage): void {
    this.onmessage?.(message);
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.enqueue(this.#encoder.encode(text));
    if ((controller.desiredSize ?? 0) > 0) return;
    this.onerror?.(new Error("the client does not read its events"));
    this.close().catch(() => undefined);
  }
}

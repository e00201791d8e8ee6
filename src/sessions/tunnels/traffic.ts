import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HoldfastError, asHoldfastError, oneLine, renderError } from "../../base/index.ts";

/** More than any browser, proxy or pool opens; each may hold a few megabytes when one side does not read. */
const mostConnections = 1_000;

/** Room for a failure in a list. */
const longestFailure = 300;

/** The connections that go through one tunnel, and what they carried. */
export class Traffic {
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<Duplex>();
  #total = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #lastFailure: string | undefined;

  get openConnections(): number {
    return this.#sockets.size;
  }

  get totalConnections(): number {
    return this.#total;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#bytesOut;
  }

  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** Counts a connection of this machine until it closes. False, and the connection is reset, when there are too many. */
  enter(socket: Socket): boolean {
    socket.on("error", () => undefined);
    if (this.#sockets.size >= mostConnections) {
      this.failed(
        new HoldfastError("limit_reached", `the tunnel has ${mostConnections} connections; one more was turned away`),
      );
      reset(socket);
      return false;
    }
    this.#total += 1;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return true;
  }

  /** Remembers why a connection came to nothing. */
  failed(error: unknown): void {
    this.#lastFailure = oneLine(renderError(asHoldfastError(error)), longestFailure);
  }

  /** Passes bytes on both ways, each at the pace of its taker, until both have ended; a break of one is a break of the other. */
  join(near: Socket, far: Duplex): void {
    this.#streams.add(far);
    near.on("data", (bytes: Buffer) => {
      this.#bytesOut += bytes.length;
    });
    far.on("data", (bytes: Buffer) => {
      this.#bytesIn += bytes.length;
    });
    near.on("error", () => far.destroy());
    near.on("close", () => {
      // What was taken from it before it ended must still arrive.
      if (!far.writableEnded) far.destroy();
    });
    far.on("error", (error) => {
      this.failed(error);
      reset(near);
    });
    far.on("close", () => {
      this.#streams.delete(far);
      near.destroySoon();
    });
    near.pipe(far);
    far.pipe(near);
    if (near.destroyed) far.destroy();
  }

  /** Ends all connections at once. */
  close(): void {
    for (const socket of this.#sockets) reset(socket);
    for (const stream of this.#streams) stream.destroy();
  }
}

/** Tells the other side that the connection broke, so that what came is not taken for all there is. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  // Only TCP knows resets.
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

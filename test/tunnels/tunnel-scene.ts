import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { SessionBook, TunnelRequest, TunnelSummary } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { makeTempDir, type TestServer } from "../helpers/servers/index.ts";

/** Where a test connects to or listens. */
export type Place = { readonly port: number; readonly host?: string } | { readonly path: string };

/** A session book whose only target is `server`, and what tests of tunnels need beside it. */
export class TunnelScene {
  readonly server: TestServer;
  readonly #cleanup = new Cleanup();
  #book: SessionBook | undefined;

  constructor(server: TestServer) {
    this.server = server;
  }

  get book(): SessionBook {
    if (this.#book === undefined) throw new Error("the scene is not open");
    return this.#book;
  }

  /** `sshConfigFile`: another one than the server's. */
  async open(sshConfigFile = this.server.sshConfigFile): Promise<this> {
    this.#cleanup.add(() => this.server.stop());
    const opened = await openBook(sshConfigFile);
    this.#cleanup.add(() => opened.remove());
    this.#book = opened.book;
    return this;
  }

  tunnel(request: Omit<TunnelRequest, "on">): Promise<TunnelSummary> {
    return this.book.tunnels.open({ on: this.server.alias, ...request });
  }

  summary(id: string): TunnelSummary {
    const found = this.book.tunnels.list().find((one) => one.id === id);
    if (found === undefined) throw new Error(`no tunnel ${id}`);
    return found;
  }

  /** A directory that goes with the scene; the server's user may write to it. */
  directory(): string {
    const directory = makeTempDir();
    this.#cleanup.add(() => {
      directory.remove();
    });
    return directory.path;
  }

  /** A TCP or Unix server for the time of the scene. */
  async serve(came: (socket: Socket) => void, path?: string): Promise<Place> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      came(socket);
    });
    await listening(server, path);
    this.#cleanup.add(() => {
      server.close();
    });
    if (path !== undefined) return { path };
    return { port: portOf(server) };
  }

  async remove(): Promise<void> {
    await this.#cleanup.run();
  }
}

async function listening(server: Server, path: string | undefined): Promise<void> {
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
}

function portOf(server: Server): number {
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The place in the words of a tunnel request. */
export function textOf(place: Place): string {
  return "path" in place ? place.path : `${place.host ?? "127.0.0.1"}:${place.port}`;
}

/** Where a tunnel listens, to connect to. */
export function placeOf(tunnel: TunnelSummary): Place {
  const { listen } = tunnel;
  if (listen.startsWith("/")) return { path: listen };
  return { port: Number(listen.slice(listen.lastIndexOf(":") + 1)), host: "127.0.0.1" };
}

/** A connection that both sides can end apart from one another. */
export async function dial(place: Place): Promise<Socket> {
  const socket = connect({ ...place, allowHalfOpen: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** How an exchange went: what came, and whether the other side ended it or broke it off. */
export interface Exchange {
  readonly bytes: Buffer;
  readonly end: "ended" | "broken";
}

/** All that comes until the other side ends. */
export function collect(socket: Socket): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("end", () => resolve({ bytes: Buffer.concat(chunks), end: "ended" }));
    socket.once("close", () => resolve({ bytes: Buffer.concat(chunks), end: "broken" }));
  });
}

/** Sends `bytes`, ends, and collects the answer. */
export async function exchange(place: Place, bytes: Uint8Array | string): Promise<Exchange> {
  const socket = await dial(place);
  const answer = collect(socket);
  socket.end(bytes);
  return answer;
}

/** Sends back what comes, and ends when the other side has. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** True when nothing listens there. */
export function isFree(place: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once("error", () => resolve(true));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });
}

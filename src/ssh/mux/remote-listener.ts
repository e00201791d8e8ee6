import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HoldfastError } from "../../base/index.ts";
import type { ForwardPoint, RemoteForward, RemoteStreamOffer } from "../engine.ts";
import { listenRefused } from "../ssh2-forwards.ts";
import type { ControlConnection } from "./control-connection.ts";
import { makePrivateDirectory, type PrivateDirectory } from "./private-directory.ts";

interface ListenerParts {
  readonly control: ControlConnection;
  /** How messages name the target. */
  readonly target: string;
  /** The error to reject with when the connection is gone, else undefined. */
  lost(): HoldfastError | undefined;
}

interface Listening {
  readonly server: Server;
  readonly directory: PrivateDirectory;
  readonly sockets: Set<Socket>;
}

/**
 * Points of the host at which the server listens for us, where a master stands in between: it carries each connection to a socket of ours in
 * a private directory.
 */
export class RemoteListener {
  readonly #parts: ListenerParts;
  readonly #open = new Set<Listening>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Nothing listens, and no stream is open. */
  get idle(): boolean {
    return this.#open.size === 0;
  }

  async listen(at: ForwardPoint, offered: (offer: RemoteStreamOffer) => void): Promise<RemoteForward> {
    const lost = this.#parts.lost();
    if (lost !== undefined) throw lost;
    const directory = makePrivateDirectory();
    const path = directory.file("in");
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        this.#tidy(listening);
      });
      offered(this.#offer(socket));
    });
    const listening = { server, directory, sockets };
    this.#open.add(listening);
    const request = "path" in at ? { address: at.path, port: undefined } : { address: at.host, port: at.port };
    try {
      await listenOn(server, path);
      const answer = await this.#parts.control.listen({ ...request, to: path });
      if ("refused" in answer) throw listenRefused(this.#parts.target, at);
      return {
        port: "path" in at ? 0 : answer.port,
        close: () => this.#cease(listening, { ...request, to: path }),
      };
    } catch (error) {
      this.#stop(listening);
      throw this.#parts.lost() ?? error;
    }
  }

  /** The connection is gone: streams that the other side has not ended fail. */
  lost(error: HoldfastError): void {
    for (const listening of this.#open) {
      for (const socket of listening.sockets) if (!socket.readableEnded) socket.destroy(error);
      this.#stop(listening);
    }
  }

  async #cease(listening: Listening, request: Parameters<ControlConnection["cease"]>[0]): Promise<boolean> {
    if (!listening.server.listening) return true;
    this.#stop(listening);
    try {
      return (await this.#parts.control.cease(request)) || this.#parts.lost() !== undefined;
    } catch {
      return this.#parts.lost() !== undefined;
    }
  }

  /** Takes no more; what is open stays so. */
  #stop(listening: Listening): void {
    listening.server.close();
    listening.directory.remove();
    this.#tidy(listening);
  }

  #tidy(listening: Listening): void {
    if (!listening.server.listening && listening.sockets.size === 0) this.#open.delete(listening);
  }

  #offer(socket: Socket): RemoteStreamOffer {
    return {
      // ssh does not say who connected.
      from: "",
      accept: (): Duplex => {
        const lost = this.#parts.lost();
        if (lost !== undefined) throw lost;
        return socket;
      },
      refuse: () => {
        socket.destroy();
      },
    };
  }
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      server.unref();
      chmodSync(path, 0o600);
      resolve();
    });
  });
}

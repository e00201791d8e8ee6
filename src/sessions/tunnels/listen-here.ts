import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { HoldfastError, messageOf } from "../../base/index.ts";
import type { ForwardPoint } from "../../ssh/index.ts";
import { pointText } from "./tunnel-point.ts";

/** Connections that the kernel keeps until they are taken; many may come at once. */
const backlog = 511;

/** Sockets are made for their owner alone (0600). */
const socketMask = 0o177;

/** What the codes of the socket layer mean here. */
const failures: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  EACCES: ["is not allowed to this user", "Choose a port from 1024 on"],
  EADDRNOTAVAIL: ["is not an address of this machine", "Listen on 127.0.0.1"],
  ENOTFOUND: ["is not a known host name", "Listen on 127.0.0.1"],
};

/** The socket layer reports a directory that is missing as one that may not be written to. */
const socketFailure = ["is in no directory that this user can write to", "Make the directory first"] as const;

/** A listener of this machine. */
export interface HereListener {
  /** Where it really listens. */
  readonly at: ForwardPoint;
  /** Stops listening; a socket's file is removed. Connections stay. Safe to call twice. */
  close(): void;
}

/**
 * Listens at `at` (port 0: any); connections come half-open and not read yet. A Unix socket is for its owner alone and replaces nothing.
 * Rejects with `address_taken` or `bad_input`.
 */
export function listenHere(at: ForwardPoint, came: (socket: Socket) => void): Promise<HereListener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, came);
    server.once("error", (error) => {
      reject(listenFailure(at, error));
    });
    server.once("listening", () => {
      // What fails later fails for one connection: there is nothing to do about it here.
      server.on("error", () => undefined);
      resolve({ at: boundTo(at, server), close: () => server.close() });
    });
    listen(server, at);
  });
}

function listen(server: Server, at: ForwardPoint): void {
  if (!("path" in at)) {
    const everywhere = at.host === "*";
    const options: ListenOptions = { port: at.port, backlog, ...(everywhere ? {} : { host: at.host }) };
    server.listen(options);
    return;
  }
  // The socket's file is made within this call, so the mask is in force for nothing else.
  const before = process.umask(socketMask);
  try {
    server.listen({ path: at.path, backlog });
  } finally {
    process.umask(before);
  }
}

function boundTo(at: ForwardPoint, server: Server): ForwardPoint {
  const bound = server.address();
  if ("path" in at || bound === null || typeof bound === "string") return at;
  return { host: at.host, port: bound.port };
}

function listenFailure(at: ForwardPoint, error: Error): HoldfastError {
  const code = "code" in error ? String(error.code) : "";
  const place = pointText(at);
  if (code === "EADDRINUSE") {
    const path = "path" in at;
    return new HoldfastError(
      "address_taken",
      path ? `${place} exists already; it was left as it is` : `something listens on ${place} already`,
      { hint: path ? "Choose another path, or remove it if nothing uses it" : "Choose another port; 0 takes any" },
    );
  }
  const known = "path" in at && code === "EACCES" ? socketFailure : failures[code];
  const [what, hint] = known ?? [`did not work: ${messageOf(error)}`, "Listen on another port or path"];
  return new HoldfastError("bad_input", `${place} cannot be listened on: it ${what}`, { hint, cause: error });
}

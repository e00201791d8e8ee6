import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { version } from "../base/index.ts";
import type { DaemonPlace } from "./daemon-place.ts";
import { firstLine } from "./first-line.ts";
import { helloLine, readWelcome, type DaemonFacts, type Role } from "./hello.ts";

/** A daemon answers within a millisecond, on a busy machine within a second. */
const answerLimitMs = 5_000;

/** A connection to the daemon after the handshake; paused. */
export interface DaemonConnection {
  readonly socket: Socket;
  readonly facts: DaemonFacts;
}

/** `absent`: nobody listens; `silent`: it stands still; `ending`: somebody else will serve soon; `unusable`: there is one, but not for us. */
export type Dialed =
  | { readonly kind: "connected"; readonly connection: DaemonConnection }
  | { readonly kind: "absent" }
  | { readonly kind: "silent" }
  | { readonly kind: "ending" }
  | { readonly kind: "unusable"; readonly why: string };

/** Connects to the daemon of a place, without starting one. Never rejects. */
export async function dialDaemon(place: DaemonPlace, role: Role): Promise<Dialed> {
  // The usual case of a first client, found out without a socket.
  if (!existsSync(place.socketPath)) return { kind: "absent" };
  const socket = await open(place.socketPath);
  if (typeof socket === "string") return failed(socket);
  socket.write(helloLine({ role, version, settings: place.settings, ...startedIn() }));
  const line = await firstLine(socket, answerLimitMs);
  if (line === undefined) {
    const gone = socket.destroyed || socket.readableEnded;
    socket.destroy();
    return { kind: gone ? "ending" : "silent" };
  }
  const welcome = readWelcome(line);
  if (welcome.kind === "welcome") return { kind: "connected", connection: { socket, facts: welcome.facts } };
  socket.destroy();
  return welcome.kind === "ending" ? { kind: "ending" } : { kind: "unusable", why: welcome.why };
}

/** A connected socket, or the code of the failure. */
function open(path: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once("connect", () => resolve(socket));
    // Stays for ever: a second error must not end the process.
    socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  });
}

function failed(code: string): Dialed {
  if (code === "ENOENT" || code === "ECONNREFUSED") return { kind: "absent" };
  // The queue of a busy daemon is full, or it ended while we stood in it.
  if (["EAGAIN", "ECONNRESET", "ECONNABORTED", "EPIPE"].includes(code)) return { kind: "ending" };
  return { kind: "unusable", why: `connecting failed (${code})` };
}

/** A directory that is gone by now is none. */
function startedIn(): { readonly directory?: string } {
  try {
    return { directory: process.cwd() };
  } catch {
    return {};
  }
}

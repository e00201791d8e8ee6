import { createServer, type Server, type Socket } from "node:net";
import { Pulse, after, every, monotonicMs, version, withDeadline } from "../base/index.ts";
import {
  farewellLine,
  firstLine,
  isNewer,
  readHello,
  welcomeLine,
  type DaemonFacts,
  type DaemonPlace,
  type Hello,
} from "../shim/index.ts";
import type { DaemonFace } from "./daemon-face.ts";
import { takeSocket, type DaemonSocket } from "./daemon-socket.ts";
import { hostAt } from "./host-at.ts";
import { serveCall } from "./serve-call.ts";
import { trimLog } from "./trim-log.ts";

/** Whoever connects says who it is at once. */
const helloLimitMs = 5_000;

/** Clients and calls at once; far more than one person has. */
const mostConnections = 256;

/** Between two looks at whether the name is still ours and anybody still needs us. */
const lookEveryMs = 2_000;

/** A newer daemon takes over: calls have this long to end by themselves, then their clients make them there again. */
const handOverMs = 20_000;

/** Asked to end: calls have this long, then they are told to hand back what they have. All of the end together takes at most 2 s. */
const graceMs = 200;
const handBackMs = 900;
const closeMs = 700;

/** What a daemon needs. */
export interface DaemonParts {
  readonly place: DaemonPlace;
  /** What it serves: loaded when the name is taken, so that whoever starts it is connected by then. */
  readonly face: () => Promise<DaemonFace>;
  /** It ends when nobody was connected and nothing ran for this long. */
  readonly idleMs: number;
  /** Aborts when it is asked to end: it does so within 2 s. */
  readonly signal: AbortSignal;
  /** Called when clients can connect. */
  readonly listening?: () => void;
}

/** Serves MCP and calls at the place's socket until it is idle, replaced or asked to end; false when another daemon serves there already. Sessions stay on their hosts. */
export async function runDaemon(parts: DaemonParts): Promise<boolean> {
  return new Daemon(parts).run();
}

/** Roles of people who look at a daemon as it is: a newer version is no reason to end it. */
const looksOnly: ReadonlySet<Hello["role"]> = new Set(["status", "answer", "watch"]);

type Ending = "asked" | "replaced" | "idle";

class Daemon {
  readonly #parts: DaemonParts;
  #face: Promise<DaemonFace> | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #startedMs = monotonicMs();
  readonly #gentle = new AbortController();
  readonly #changed = new Pulse();
  #lastUsedMs = monotonicMs();
  #ending: Ending | undefined;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      // Stays for ever: a client that goes away is no accident.
      socket.on("error", () => undefined);
      this.#serve(socket)
        .catch(() => undefined)
        .finally(() => socket.destroySoon());
    });
    this.#server.maxConnections = mostConnections;
  }

  async run(): Promise<boolean> {
    const { place, signal } = this.#parts;
    const socket = await takeSocket(this.#server, place);
    if (socket === undefined) {
      this.#server.close();
      return false;
    }
    this.#parts.listening?.();
    await this.#loaded();
    trimLog(place.logFile);
    const end = (): void => this.#end("asked");
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const stop = every(lookEveryMs, () => {
      this.#look(socket).catch(() => undefined);
    });
    while (this.#ending === undefined) await this.#changed.wait(Number.MAX_SAFE_INTEGER);
    stop();
    socket.release();
    this.#server.close();
    await this.#leave();
    return true;
  }

  #end(why: Ending): void {
    // Being asked is more urgent than being replaced.
    if (this.#ending === undefined || why === "asked") this.#ending = why;
    this.#changed.fire();
  }

  async #look(socket: DaemonSocket): Promise<void> {
    if (!socket.held()) {
      this.#end("replaced");
      return;
    }
    trimLog(this.#parts.place.logFile);
    if (this.#sockets.size > 0) this.#lastUsedMs = monotonicMs();
    if (monotonicMs() - this.#lastUsedMs < this.#parts.idleMs) return;
    if (await (await this.#loaded()).open.busy()) this.#lastUsedMs = monotonicMs();
    else if (this.#sockets.size === 0) this.#end("idle");
  }

  /** Ends all connections, gently or promptly, then lets go of all hosts. */
  async #leave(): Promise<void> {
    this.#gentle.abort();
    const until = monotonicMs() + handOverMs;
    while (this.#sockets.size > 0 && this.#ending !== "asked" && monotonicMs() < until) {
      await this.#changed.wait(until - monotonicMs());
    }
    const { calls, open } = await this.#loaded();
    if (this.#ending === "asked") {
      await withDeadline(calls.finish(graceMs), handBackMs);
    }
    await this.#emptied(200);
    for (const socket of this.#sockets) socket.destroy();
    await withDeadline(open.close(), closeMs);
  }

  async #emptied(limitMs: number): Promise<void> {
    const until = monotonicMs() + limitMs;
    while (this.#sockets.size > 0 && monotonicMs() < until) await this.#changed.wait(until - monotonicMs());
  }

  async #serve(socket: Socket): Promise<void> {
    const hello = readHello((await firstLine(socket, helloLimitMs)) ?? "");
    if (hello === undefined) {
      socket.end(welcomeLine({ kind: "refused", why: "that was no hello" }));
      return;
    }
    // A person's terminal has other settings than the client that started us; who gets here is the same user.
    const forPeople = hello.role === "answer" || hello.role === "watch";
    if (hello.settings !== this.#parts.place.settings && !forPeople) {
      socket.end(welcomeLine({ kind: "refused", why: "it serves other settings" }));
      return;
    }
    if (!looksOnly.has(hello.role) && isNewer(hello.version, version)) this.#end("replaced");
    if (this.#ending !== undefined) {
      socket.end(welcomeLine({ kind: "ending" }));
      return;
    }
    socket.write(welcomeLine({ kind: "welcome", facts: this.#facts() }));
    await this.#serveAs(hello, socket);
  }

  async #serveAs({ role, directory }: Hello, socket: Socket): Promise<void> {
    if (role === "status") {
      socket.end();
      return;
    }
    if (role === "stop") {
      // The connection lasts as long as the process: whoever asks sees when it has ended.
      this.#end("asked");
      await new Promise((resolve) => socket.once("close", resolve).resume());
      return;
    }
    this.#sockets.add(socket);
    try {
      const face = await this.#loaded();
      const { desk } = face.open;
      if (role === "answer" && desk !== undefined) await face.serveAnswers(socket, desk, this.#gentle.signal);
      else if (role === "watch") {
        const successor = (): boolean => this.#ending === "replaced";
        await face.serveWatching(socket, face.open.host, { signal: this.#gentle.signal, successor });
      } else if (role === "call") await serveCall(socket, hostAt(face.calls.host, directory));
      else await this.#serveClient(socket, face, directory);
      await flushed(socket);
    } finally {
      this.#sockets.delete(socket);
      this.#lastUsedMs = monotonicMs();
      this.#changed.fire();
    }
  }

  async #serveClient(socket: Socket, face: DaemonFace, directory: string | undefined): Promise<void> {
    await face.serveOverStreams({
      host: hostAt(face.calls.host, directory),
      version,
      input: socket,
      output: socket,
      ending: {
        signal: this.#gentle.signal,
        limitMs: handOverMs,
        farewell: (taken) => farewellLine({ taken, successor: this.#ending === "replaced" }),
      },
    });
  }

  #loaded(): Promise<DaemonFace> {
    this.#face ??= this.#parts.face();
    return this.#face;
  }

  #facts(): DaemonFacts {
    const upMs = Math.round(monotonicMs() - this.#startedMs);
    return { version, pid: process.pid, connections: this.#sockets.size, upMs };
  }
}

/** Resolves when what was written is out, or nobody takes it. */
function flushed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(1_000, () => finish());
    const finish = (): void => {
      cancel();
      resolve();
    };
    if (socket.destroyed) finish();
    else {
      socket.once("close", finish);
      socket.end(finish);
    }
  });
}

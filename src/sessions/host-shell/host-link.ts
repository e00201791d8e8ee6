import { HoldfastError, asHoldfastError, delay, every, jitter, monotonicMs } from "../../base/index.ts";
import type { FirstExec, SshConnection } from "../../ssh/index.ts";
import { idleLimitOf } from "../connections/idle-limit.ts";
import { openWhereRoom } from "../connections/open-where-room.ts";
import { patiently } from "../patiently.ts";
import { Attachment, openingOf, type AttachListener, type Hello, type Opening } from "./attachment.ts";
import { firstBoot } from "./first-boot.ts";
import type { Riding } from "./riding.ts";
import type { SpoolPosition } from "./spool-position.ts";

/** Silence after which we ask the host for a sign of life while somebody waits. */
const quietMs = 2000;

/** Silence after which the link counts as dead while somebody waits: long enough for a loaded host, short enough to notice a black hole. */
const deadMs = 6000;

/** A session lets go of its connection after this share of the time without use; the connection has the other half for itself. */
const restAfterShare = 0.5;

/** First and longest pause between attempts to come back. */
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** How long we try to come back on our own; the next call tries again at once. */
const giveUpMs = 600_000;

export interface LinkDeps {
  readonly id: string;
  readonly base: string;
  connect(first: FirstExec): Promise<SshConnection>;
  /** Where to go on in the spools. */
  position(): SpoolPosition | undefined;
  /** See `AttachRequest.given`. */
  given(): readonly string[];
  /** Somebody waits for a command to end. */
  waitedFor(): boolean;
  /** Something runs, so that it is worth coming back unasked. */
  busy(): boolean;
}

export interface LinkListener extends Omit<AttachListener, "onGone" | "onHello"> {
  /** `carried`: the lines that were to ride along went out on this channel, and the host reads them now. */
  onAttached(hello: Hello, awayMs: number | undefined, carried: boolean): void;
  /** The session is gone for good. */
  onLost(error: HoldfastError): void;
}

type Mode = "writer" | "reader";

/** Keeps one session attached: attaches, notices that a link is dead, comes back, yields to another server that takes over. */
export class HostLink {
  readonly #deps: LinkDeps;
  readonly #listener: LinkListener;
  readonly #stopTicking: () => void;
  #attachment: Attachment | undefined;
  #mode: Mode | undefined;
  #attaching: Promise<Attachment> | undefined;
  #regaining = false;
  #attempt: symbol | undefined;
  #closed = false;
  #lastSignMs = monotonicMs();
  #lastPingMs = 0;
  #lastUseMs = monotonicMs();
  #awaySinceMs: number | undefined;
  /** What goes on that needs answers of the host. */
  #needed = 0;

  constructor(deps: LinkDeps, listener: LinkListener) {
    this.#deps = deps;
    this.#listener = listener;
    this.#stopTicking = every(1000, () => {
      this.#tick();
    });
  }

  get attached(): boolean {
    return this.#attachment !== undefined && !this.#attachment.gone;
  }

  /** The attachment as the session's writer, made if it is not there. Rejects as `Attachment.open` and the connection do. */
  async writer(riding?: Riding): Promise<Attachment> {
    this.#lastUseMs = monotonicMs();
    this.#checkOpen();
    if (this.attached && this.#mode === "writer" && this.#attachment !== undefined) return this.#attachment;
    return this.#attach("writer", riding);
  }

  /** Becomes the writer soon, if that is possible. */
  takeOver(): void {
    this.writer().catch(() => undefined);
  }

  /** Sends a request line on the writing attachment; false when there is none. */
  send(line: string): boolean {
    return this.#mode === "writer" && this.#attachment !== undefined && this.#attachment.send(line);
  }

  /** Sends a request line that changes nothing, also as a reader; false when there is no attachment. */
  ask(line: string): boolean {
    return this.#attachment !== undefined && this.#attachment.send(line);
  }

  /** Runs `work`, which waits for what the host says: a link that is dead is noticed meanwhile, as while somebody waits for a command. */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    this.#needed += 1;
    try {
      return await work();
    } finally {
      this.#needed -= 1;
    }
  }

  /** Leaves the session on the host alone. */
  close(): void {
    this.#closed = true;
    this.#stopTicking();
    this.#drop();
  }

  /** What rides along does so in the first attempt only: later ones must first hear what the host has of it. */
  async #attach(mode: Mode, riding?: Riding): Promise<Attachment> {
    // One at a time. An attempt that failed may have begun before the reason to attach was there; the next one did not.
    for (let fresh = false; this.#attaching !== undefined; fresh = true) {
      const other = await this.#attaching.catch((error: unknown) => {
        if (fresh) throw error;
      });
      if (other !== undefined && !other.gone && (mode === "reader" || this.#mode === "writer")) return other;
    }
    let rides = riding;
    this.#attaching = patiently(() => {
      const now = rides;
      rides = undefined;
      return this.#attachNow(mode, now);
    });
    try {
      return await this.#attaching;
    } finally {
      this.#attaching = undefined;
    }
  }

  async #attachNow(mode: Mode, riding: Riding | undefined): Promise<Attachment> {
    this.#checkOpen();
    this.#drop();
    const { id, base } = this.#deps;
    const known = { position: this.#deps.position(), given: this.#deps.given() };
    const opening = openingOf({ id, base, mode, ...known }, riding?.lines);
    const first = firstBoot(opening.input, riding);
    return openWhereRoom({
      dial: () => this.#deps.connect(first.exec),
      hasPlace: () => first.isOut(),
      open: (connection) => {
        riding?.sent();
        return this.#open(connection, opening, mode, riding !== undefined);
      },
    });
  }

  #checkOpen(): void {
    if (this.#closed) throw new HoldfastError("session_lost", "the session was closed", { hint: "Open a new session" });
  }

  async #open(connection: SshConnection, opening: Opening, mode: Mode, carries: boolean): Promise<Attachment> {
    // What comes before `open` returns already counts, but only while this attempt is the newest.
    const ours = Symbol("attempt");
    this.#attempt = ours;
    const current = (): boolean => this.#attempt === ours;
    let attachment: Attachment;
    try {
      attachment = await Attachment.open(connection, opening, {
        onHello: (hello, made) => {
          if (!current()) return;
          // What it tells next may need an answer.
          this.#attachment = made;
          this.#mode = mode;
          this.#sign();
          const away = this.#awaySinceMs === undefined ? undefined : monotonicMs() - this.#awaySinceMs;
          this.#awaySinceMs = undefined;
          this.#listener.onAttached(hello, away, carries);
        },
        onLine: (words, line) => {
          if (!current()) return;
          this.#sign();
          if (words[0] === "taken") this.#taken();
          else this.#listener.onLine(words, line);
        },
        onBarrier: (stream, position) => {
          if (!current()) return;
          this.#sign();
          this.#listener.onBarrier(stream, position);
        },
        onBytes: (stream, bytes) => {
          if (!current()) return;
          this.#sign();
          this.#listener.onBytes(stream, bytes);
        },
        onGone: () => {
          if (current()) this.#gone();
        },
      });
    } catch (error) {
      const known = asHoldfastError(error);
      if (known.code === "session_lost" || known.code === "session_unknown") this.#listener.onLost(known);
      throw known;
    }
    if (current() && !attachment.gone) return attachment;
    // Lost, taken by another server or left by us before it was of use: nothing that it tells would be heard.
    attachment.detach();
    throw new HoldfastError("connection_lost", "the link to the session was lost while attaching", {
      hint: "Call again",
    });
  }

  #drop(): void {
    this.#attempt = undefined;
    this.#attachment?.detach();
    this.#attachment = undefined;
    this.#mode = undefined;
  }

  #gone(): void {
    if (this.#attachment === undefined) return;
    this.#drop();
    this.#awaySinceMs ??= monotonicMs();
    this.#regain("writer");
  }

  /** Another server writes now. We go on reading beside it as long as something runs that we watch. */
  #taken(): void {
    this.#drop();
    this.#regain("reader");
  }

  /** Comes back on its own while something runs; quietly gives up on errors that time does not heal. */
  #regain(mode: Mode): void {
    if (this.#regaining || this.#closed || !this.#deps.busy()) return;
    this.#regaining = true;
    this.#tryToRegain(mode)
      .catch(() => undefined)
      .finally(() => {
        this.#regaining = false;
      });
  }

  async #tryToRegain(mode: Mode): Promise<void> {
    const since = monotonicMs();
    let pauseMs = firstPauseMs;
    while (!this.#closed && !this.attached && this.#deps.busy() && monotonicMs() - since < giveUpMs) {
      try {
        await this.#attach(mode);
        return;
      } catch (error) {
        if (!asHoldfastError(error).retryable) return;
      }
      await delay(pauseMs * jitter(0.3));
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  #sign(): void {
    this.#lastSignMs = monotonicMs();
  }

  /** A session that nobody uses lets go of its connection, so that this may be closed; the next use attaches again. */
  #restWhenUnused(): void {
    const limitMs = this.#attachment === undefined ? undefined : idleLimitOf(this.#attachment.connection);
    if (this.#deps.busy()) this.#lastUseMs = monotonicMs();
    if (limitMs === undefined || monotonicMs() - this.#lastUseMs < limitMs * restAfterShare) return;
    if (this.#attaching === undefined) this.#drop();
  }

  #tick(): void {
    if (this.#needed === 0 && !this.#deps.waitedFor()) {
      this.#restWhenUnused();
      return;
    }
    if (!this.attached) {
      this.#regain("writer");
      return;
    }
    const silentMs = monotonicMs() - this.#lastSignMs;
    if (silentMs < quietMs) return;
    const asked = this.#lastPingMs > this.#lastSignMs;
    if (!asked) {
      this.#lastPingMs = monotonicMs();
      this.#attachment?.send("e life");
    } else if (monotonicMs() - this.#lastPingMs > deadMs - quietMs) {
      this.giveUp(this.#attachment);
    }
  }

  /** An attachment that does not answer is done with, and so is its connection: whoever asks next gets another. */
  giveUp(attachment: Attachment | undefined): void {
    if (attachment === undefined || attachment !== this.#attachment) return;
    attachment.connection.close().catch(() => undefined);
    // It was away while it was silent, but what nobody waited for does not count.
    this.#awaySinceMs ??= Math.max(this.#lastSignMs, monotonicMs() - deadMs);
    this.#gone();
  }
}

import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import { HoldfastError, monotonicMs } from "../base/index.ts";
import { PendingRequests } from "./pending-requests.ts";
import { refillTransferWindow } from "./receive-window.ts";
import { attributesOf, factsOf } from "./sftp-facts.ts";
import { isEndOfFile, sftpFailure } from "./sftp-failure.ts";
import type { SftpChange, SftpEntry, SftpFacts, SftpFile, SftpSession } from "./sftp-session.ts";
import { Ssh2SftpFile } from "./ssh2-sftp-file.ts";

/** What every server takes in one request (draft-ietf-secsh-filexfer-02 §3 asks for 34000 bytes per packet). */
const smallChunkBytes = 32_768;

/** What OpenSSH takes (256 KiB per packet, less the header); measured as the fastest. */
const largeChunkBytes = 261_120;

/** Chunks on the way at once: more bring nothing nearby, and far away the line is longer (64 took 0.54 instead of 0.71 s for 64 MiB there, and 26 MiB more). */
const usualInFlight = 16;
const farInFlight = 40;
const farRoundTripMs = 30;

/** Channels besides the first for one large file, where they are free: a connection has 8, and what lets 2 MB through at once is each channel. */
const farMoreChannels = 5;

/** What the server may send at once: all that is asked for at once. More slows it down nearby. */
const usualWindowBytes = 4 * 1024 * 1024;
const farWindowBytes = 16 * 1024 * 1024;

/** Small files on the way at once: each costs a few round trips, and the more there are, the more of their requests share a packet; nearby 256 are no faster than 96 and take 10 MB more. */
const usualFiles = 96;
const farFiles = 256;
const farFilesRoundTripMs = 20;

/** The same where the server says that it keeps so many files open (OpenSSH: as many as its process may, less a few). */
const manyFiles = 512;
const enoughHandles = 768;

/** `update` is SSH_FXF_WRITE | SSH_FXF_CREAT (draft-ietf-secsh-filexfer-02 §6.3), which has no letters. */
const flags = { read: "r", create: "wx", append: "a", update: 0x2 | 0x8 } as const;

type Done<T> = (error: unknown, value?: T) => void;

declare module "ssh2" {
  interface SFTPWrapper {
    /** What its types leave out: with `full` an answer comes as it is, without it `.` and `..` are taken out. */
    readdir(
      handle: Buffer,
      options: { readonly full: boolean },
      callback: (error: Error | undefined, list: FileEntryWithStats[]) => void,
    ): void;
  }
}

/** Answers to a listing that hold nothing but `.` and `..`: there are at most two where each comes alone, and no end where a server means harm. */
const mostNameless = 8;

/** How far away a host is, once it has been found out; all channels of a connection know. */
export interface Distance {
  roundTripMs: number | undefined;
}

interface SftpParts {
  readonly wrapper: SFTPWrapper;
  /** How messages name it. */
  readonly target: string;
  readonly distance: Distance;
  /** Called once, when it is closed here; `clean`: nothing is open or asked for, so that somebody else may go on with the channel. */
  done(clean: boolean): void;
}

/** One use of an SFTP subsystem channel of ssh2. */
export class Ssh2Sftp implements SftpSession {
  readonly #parts: SftpParts;
  readonly #wrapper: SFTPWrapper;
  readonly #requests: PendingRequests;
  #handles = 0;
  #closings = 0;

  constructor(parts: SftpParts) {
    this.#parts = parts;
    this.#wrapper = parts.wrapper;
    this.#requests = new PendingRequests(() => {
      this.#parts.done(false);
    });
  }

  /** The channel is gone. */
  lost(): void {
    const gone = `the file transfer channel to ${this.#parts.target} was closed`;
    this.#requests.end(new HoldfastError("connection_lost", gone, { hint: "Call again" }));
  }

  get closed(): boolean {
    return this.#requests.ended;
  }

  get chunkBytes(): number {
    const told: unknown = Reflect.get(this.#wrapper, "maxOpenHandles");
    if (told === undefined) return smallChunkBytes;
    const limits = ["_maxReadLen", "_maxWriteLen"].map((name): unknown => Reflect.get(this.#wrapper, name));
    const known = limits.filter((limit): limit is number => typeof limit === "number" && limit >= 1024);
    return Math.min(largeChunkBytes, ...known);
  }

  get measured(): boolean {
    return this.#parts.distance.roundTripMs !== undefined;
  }

  get inFlight(): number {
    return this.#roundTripMs > farRoundTripMs ? farInFlight : usualInFlight;
  }

  get moreChannels(): number {
    return this.#roundTripMs > farRoundTripMs ? farMoreChannels : 0;
  }

  get filesAtOnce(): number {
    if (this.#roundTripMs <= farFilesRoundTripMs) return usualFiles;
    const handles: unknown = Reflect.get(this.#wrapper, "maxOpenHandles");
    return typeof handles === "number" && handles >= enoughHandles ? manyFiles : farFiles;
  }

  async facts(path: string): Promise<SftpFacts> {
    return factsOf(await this.#ask<Stats>("reading", path, (done) => this.#wrapper.stat(path, done)));
  }

  async linkFacts(path: string): Promise<SftpFacts> {
    return factsOf(await this.#ask<Stats>("reading", path, (done) => this.#wrapper.lstat(path, done)));
  }

  linkTarget(path: string): Promise<string> {
    return this.#ask<string>("reading the link", path, (done) => this.#wrapper.readlink(path, done));
  }

  async realPath(path: string): Promise<string> {
    const from = monotonicMs();
    const real = await this.#ask<string>("finding", path, (done) => this.#wrapper.realpath(path, done));
    // The shortest: with others on the way, or on a busy machine, it takes longer.
    const { distance } = this.#parts;
    distance.roundTripMs = Math.min(distance.roundTripMs ?? Number.POSITIVE_INFINITY, monotonicMs() - from);
    return real;
  }

  async list(path: string, limit: number): Promise<{ entries: readonly SftpEntry[]; more: boolean }> {
    const handle = await this.#ask<Buffer>("listing", path, (done) => this.#wrapper.opendir(path, done));
    this.#handles += 1;
    const entries: SftpEntry[] = [];
    let nameless = 0;
    try {
      for (;;) {
        const some = await this.#ask<readonly FileEntryWithStats[]>("listing", path, (done) => {
          // Whole: an answer that ssh2 has emptied could not be told from the last.
          this.#wrapper.readdir(handle, { full: true }, (error, list) => {
            if (isEndOfFile(error)) done(undefined, []);
            else done(error, list);
          });
        });
        const named = some.filter(({ filename }) => filename !== "." && filename !== "..");
        entries.push(
          ...named.map(({ filename, longname, attrs }) => ({ name: filename, line: longname, facts: factsOf(attrs) })),
        );
        if (entries.length > limit) return { entries: entries.slice(0, limit), more: true };
        if (named.length === 0) nameless += 1;
        if (some.length === 0 || nameless > mostNameless) return { entries, more: false };
      }
    } finally {
      await this.#closing(() => this.#ask<void>("closing", path, (done) => this.#wrapper.close(handle, done))).catch(
        () => undefined,
      );
    }
  }

  async open(path: string, how: keyof typeof flags, mode = 0o600): Promise<SftpFile> {
    const handle = await this.#ask<Buffer>("opening", path, (done) => this.#wrapper.open(path, flags[how], mode, done));
    const refill = (): void => {
      const far = this.#roundTripMs > farRoundTripMs;
      refillTransferWindow(this.#wrapper, far ? farWindowBytes : usualWindowBytes);
    };
    this.#handles += 1;
    const closing = (work: () => Promise<void>): Promise<void> => this.#closing(work);
    return new Ssh2SftpFile({ wrapper: this.#wrapper, requests: this.#requests, handle, path, refill, closing });
  }

  async replace(from: string, to: string): Promise<void> {
    await this.#ask<void>("replacing", to, (done) => {
      try {
        this.#wrapper.ext_openssh_rename(from, to, done);
      } catch (thrown) {
        // Thrown for a server that does not offer it.
        done(Object.assign(new Error("not offered", { cause: thrown }), { code: 8 }));
      }
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#ask<void>("renaming to", to, (done) => this.#wrapper.rename(from, to, done));
  }

  change(path: string, change: SftpChange): Promise<void> {
    return this.#ask<void>("changing", path, (done) => this.#wrapper.setstat(path, attributesOf(change), done));
  }

  makeDirectory(path: string, mode: number): Promise<void> {
    return this.#ask<void>("making", path, (done) => this.#wrapper.mkdir(path, { mode }, done));
  }

  makeLink(path: string, target: string): Promise<void> {
    return this.#ask<void>("linking", path, (done) => this.#wrapper.symlink(target, path, done));
  }

  remove(path: string): Promise<void> {
    return this.#ask<void>("removing", path, (done) => this.#wrapper.unlink(path, done));
  }

  removeDirectory(path: string): Promise<void> {
    return this.#ask<void>("removing", path, (done) => this.#wrapper.rmdir(path, done));
  }

  close(): void {
    if (this.#requests.ended) return;
    const clean = this.#handles === 0 && this.#requests.waiting === this.#closings;
    this.#requests.end(
      new HoldfastError("connection_lost", "the file transfer channel is closed", { hint: "Call again" }),
    );
    this.#parts.done(clean);
  }

  get #roundTripMs(): number {
    return this.#parts.distance.roundTripMs ?? 0;
  }

  /** Closes what was open; whether the host has answered that already matters to nobody. */
  async #closing(work: () => Promise<void>): Promise<void> {
    this.#handles -= 1;
    this.#closings += 1;
    try {
      await work();
    } finally {
      this.#closings -= 1;
    }
  }

  #ask<T>(what: string, path: string, send: (done: Done<T>) => void): Promise<T> {
    return this.#requests.ask<T>(send, (error) => sftpFailure(what, path, error));
  }
}

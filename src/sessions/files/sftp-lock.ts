import { asHoldfastError, delay, every, monotonicMs, randomHex, type HoldfastError } from "../../base/index.ts";
import { readInOrder, type SftpSession } from "../../ssh/index.ts";
import { toldByScript } from "./file-errors.ts";

/** How long, and how far apart, a lock that others hold is tried: longer than it takes to see that its owner is dead. */
const waitMs = 20_000;
const pauseMs = 100;

/** Who holds the lock says so this often, and is taken for dead when nothing was heard for so long; `host/write.sh` waits as long. */
const beatMs = 2_000;
const silentMs = 10_000;

/** Who could not say so for this long must look whether the lock is still theirs. */
const sureMs = 5_000;

/** How often it may be neither made nor there, until it is the directory that refuses it. */
const mostAbsent = 5;

/** The word that begins what such owners write; no host is called so, and a script's owner has its host's name there. */
const word = "by-sftp";

/** Longer is none of ours. */
const longestOwner = 200;

interface LockPlace {
  readonly path: string;
  /** As the caller named the file, for messages. */
  readonly asked: string;
  /** How long an owner may be silent; default 10 s. */
  readonly deadAfterMs?: number;
}

/**
 * The lock of `host/write.sh`, taken and held over SFTP, where nobody can see whether the process of an owner is alive: the owner says so again
 * and again in the file `by` in the lock's directory, and one that has fallen silent loses it to whoever first makes `after-…` beside that.
 */
export class SftpLock {
  readonly #sftp: SftpSession;
  readonly #place: LockPlace;
  readonly #owner = randomHex(8);
  #beats = 0;
  #heardMs = monotonicMs();
  #beating: Promise<void> = Promise.resolve();
  #stopBeating: () => void = () => undefined;
  /** Who had it before, and died. */
  #taken: string | undefined;

  private constructor(sftp: SftpSession, place: LockPlace) {
    this.#sftp = sftp;
    this.#place = place;
  }

  /** Waits for the lock, for 20 s. Rejects with `file_failed` when others keep it, and with what the host says of the directory. */
  static async take(sftp: SftpSession, place: LockPlace): Promise<SftpLock> {
    const lock = new SftpLock(sftp, place);
    await lock.#take();
    try {
      await lock.#say();
    } catch (error) {
      await lock.#remove();
      throw error;
    }
    lock.#stopBeating = every(beatMs, () => {
      lock.#beating = lock.#beating.then(() => lock.#beat()).catch(() => undefined);
    });
    return lock;
  }

  /** Throws `file_failed` when another has taken it over. */
  async confirm(): Promise<void> {
    if (monotonicMs() - this.#heardMs < sureMs) return;
    if (!(await this.#isMine())) throw toldByScript(this.#place.asked, "locked", "", true);
  }

  /** Gives it back, if it was not taken over. Never rejects. */
  async release(): Promise<void> {
    this.#stopBeating();
    await this.#beating;
    const mine = monotonicMs() - this.#heardMs < sureMs || (await this.#isMine());
    if (mine) await this.#remove();
  }

  async #take(): Promise<void> {
    const deadline = monotonicMs() + waitMs;
    const seen = new SilentOwner(this.#place.deadAfterMs ?? silentMs);
    for (let absent = 0; ;) {
      const refused = await this.#make();
      if (refused === undefined) return;
      if (await this.#isThere()) {
        const owner = await this.#readOwner();
        if (seen.isDead(owner) && (await this.#succeed(owner))) return;
      } else {
        // It may have been given back between the two.
        absent += 1;
        if (absent > mostAbsent || refused.code !== "file_failed") throw refused;
      }
      if (monotonicMs() > deadline) throw toldByScript(this.#place.asked, "locked", "", true);
      await delay(pauseMs);
    }
  }

  /** Makes the directory; undefined when it did, else why not. */
  #make(): Promise<HoldfastError | undefined> {
    return this.#sftp.makeDirectory(this.#place.path, 0o755).then(() => undefined, asHoldfastError);
  }

  /** Whether this one takes the place of a dead owner: whoever makes the directory does, if nobody has before. */
  async #succeed(owner: string): Promise<boolean> {
    const after = `${this.#place.path}/after-${owner.slice(owner.indexOf(" ") + 1)}`;
    const made = await this.#sftp.makeDirectory(after, 0o755).then(
      () => true,
      () => false,
    );
    if (!made) return false;
    if ((await this.#readOwner()) === owner) {
      this.#taken = after;
      await this.#sftp.remove(this.#file).catch(() => undefined);
      return true;
    }
    await this.#sftp.removeDirectory(after).catch(() => undefined);
    return false;
  }

  async #beat(): Promise<void> {
    if (monotonicMs() - this.#heardMs < sureMs) await this.#say();
  }

  async #say(): Promise<void> {
    this.#beats += 1;
    const saidMs = monotonicMs();
    const file = await this.#sftp.open(this.#file, "update", 0o644);
    try {
      await file.write(0, Buffer.from(`${word} ${this.#owner} ${String(this.#beats).padStart(6, "0")}\n`));
    } finally {
      await file.close();
    }
    this.#heardMs = saidMs;
  }

  async #isMine(): Promise<boolean> {
    const owner = await this.#readOwner().catch(() => "");
    return owner.startsWith(`${word} ${this.#owner} `);
  }

  async #remove(): Promise<void> {
    const { path } = this.#place;
    await this.#sftp.remove(this.#file).catch(() => undefined);
    if (this.#taken !== undefined) await this.#sftp.removeDirectory(this.#taken).catch(() => undefined);
    await this.#sftp.removeDirectory(path).catch(() => undefined);
  }

  async #isThere(): Promise<boolean> {
    return this.#sftp.facts(this.#place.path).then(
      () => true,
      (error: unknown) => {
        if (asHoldfastError(error).code === "file_missing") return false;
        throw error;
      },
    );
  }

  /** What the owner has written; empty where there is nothing yet. */
  async #readOwner(): Promise<string> {
    const file = await this.#sftp.open(this.#file, "read").catch(() => undefined);
    if (file === undefined) return "";
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of readInOrder(file, { from: 0, lengthBytes: longestOwner }, this.#sftp)) {
        pieces.push(Buffer.from(piece));
      }
      return Buffer.concat(pieces).toString().split("\n")[0] ?? "";
    } finally {
      await file.close().catch(() => undefined);
    }
  }

  get #file(): string {
    return `${this.#place.path}/by`;
  }
}

/** Tells whether an owner that others cannot see has said nothing new for long. */
class SilentOwner {
  readonly #deadAfterMs: number;
  #last: string | undefined;
  #sinceMs = 0;

  constructor(deadAfterMs: number) {
    this.#deadAfterMs = deadAfterMs;
  }

  isDead(owner: string): boolean {
    if (owner !== this.#last) {
      this.#last = owner;
      this.#sinceMs = monotonicMs();
    }
    const unseen = owner === "" || owner.startsWith(`${word} `);
    return unseen && monotonicMs() - this.#sinceMs > this.#deadAfterMs;
  }
}

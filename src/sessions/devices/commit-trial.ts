import { z } from "zod";
import { monotonicMs, sha256Hex, wallMs } from "../../base/index.ts";
import type { DocumentStore } from "../../store/index.ts";

interface Pending {
  /** How it was typed. */
  readonly line: string;
  /** What keeps it. */
  readonly confirm: string;
  /** When the device takes it back; undefined where the line did not tell. */
  readonly untilMs: number | undefined;
}

/** As it is kept for the server's successor, whose monotonic clock is another. */
const keptTrial = z.strictObject({
  kind: z.literal("commit-trial"),
  line: z.string(),
  confirm: z.string(),
  beganWallMs: z.number(),
  untilWallMs: z.number().optional(),
});

/** One whose line did not tell its time is over by then: no platform takes more than 65,535 s in the forms that are not read. */
const longestUntoldMs = 86_400_000;

/**
 * A commit that the device takes back by itself unless it is confirmed in time. Nobody forgets it while it is pending: it is kept in the store,
 * where the next server finds it.
 */
export class CommitTrial {
  readonly #store: DocumentStore;
  readonly #document: string;
  #pending: Pending | undefined;
  #recalled: Promise<void> | undefined;
  /** What is written, one after the other. */
  #writing: Promise<void> = Promise.resolve();

  /** `account`: the device's, `user@host:port`. */
  constructor(store: DocumentStore, account: string) {
    this.#store = store;
    this.#document = `trial-${sha256Hex(account).slice(0, 40)}`;
  }

  /** Takes up, once, what an earlier server has left. Never rejects. */
  async recall(): Promise<void> {
    this.#recalled ??= this.#read();
    await this.#recalled;
  }

  /** It was made by `line`, at `beganMs` of the monotonic clock, for `limitMs`. Resolves when it is kept, or cannot be; never rejects. */
  async begin(
    line: string,
    confirm: string,
    { beganMs, limitMs }: { readonly beganMs: number; readonly limitMs: number | undefined },
  ): Promise<void> {
    this.#pending = { line, confirm, untilMs: limitMs === undefined ? undefined : beganMs + limitMs };
    const beganWallMs = wallMs() - (monotonicMs() - beganMs);
    const until = limitMs === undefined ? {} : { untilWallMs: beganWallMs + limitMs };
    const kept: z.infer<typeof keptTrial> = { kind: "commit-trial", line, confirm, beganWallMs, ...until };
    await this.#write(() => this.#store.put(this.#document, kept));
  }

  /** It was confirmed, or taken back. Resolves when that is kept, or cannot be; never rejects. */
  async settled(): Promise<void> {
    if (this.#pending === undefined) return;
    this.#pending = undefined;
    await this.#write(() => this.#store.delete(this.#document));
  }

  /** What is to be told of it with a command; that its time is over is told once. */
  note(): string | undefined {
    if (this.#pending === undefined) return undefined;
    const { line, confirm, untilMs } = this.#pending;
    const unless = `unless ${confirm} follows`;
    if (untilMs === undefined) return `${line}: taken back by the device when its time is over, ${unless}`;
    const leftMs = untilMs - monotonicMs();
    if (leftMs > 0) return `${line}: taken back by the device in ${span(leftMs)}, ${unless}`;
    void this.settled();
    return `${line}: its time is over and nobody confirmed it here; see whether the device has taken the changes back`;
  }

  async #write(change: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(change).catch(() => undefined);
    await this.#writing;
  }

  async #read(): Promise<void> {
    const parsed = keptTrial.safeParse(await this.#store.get(this.#document).catch(() => undefined));
    if (!parsed.success || this.#pending !== undefined) return;
    const { line, confirm, beganWallMs, untilWallMs } = parsed.data;
    const nowMs = wallMs();
    if (untilWallMs === undefined && nowMs - beganWallMs > longestUntoldMs) {
      await this.#write(() => this.#store.delete(this.#document));
      return;
    }
    this.#pending = {
      line,
      confirm,
      untilMs: untilWallMs === undefined ? undefined : monotonicMs() + untilWallMs - nowMs,
    };
  }
}

function span(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

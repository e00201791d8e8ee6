import { Pulse } from "../../base/index.ts";
import type { AskingParty } from "./asking-party.ts";

/** Kept of what sudo complains of: a lecture is longer than what matters behind it. */
const longestComplaint = 8_000;

/** What `host/elevate.sh` says of itself. */
export interface ElevatedText {
  readonly nonce: string;
  /** The first line of stdin of a shell that is to become the program. */
  readonly line: string;
  /** The same as shell text that needs nothing on stdin. */
  readonly command: string;
}

/** One program that runs as another user beside a session's shell, from its start to its end. */
export class ElevatedRun implements AskingParty {
  readonly text: ElevatedText;
  readonly notes: string[] = [];
  readonly #over = new AbortController();
  readonly #known: (pid: number) => void;
  readonly #control: RegExp;
  readonly #news = new Pulse();
  #said = "";
  #pid: number | undefined;
  #waits = 0;

  /** `known` is told the process that becomes sudo. */
  constructor(text: ElevatedText, known: (pid: number) => void) {
    this.text = text;
    this.#known = known;
    this.#control = new RegExp(`\u001E${text.nonce} (pid|none) (\\w+)\n|${text.nonce}\n`, "g");
  }

  /** Somebody is asked for its password now. */
  get waits(): boolean {
    return this.#waits > 0;
  }

  /** The host has a shell that took it on. */
  get begun(): boolean {
    return this.#pid !== undefined;
  }

  /** A shell runs as the other user. */
  get on(): boolean {
    return this.#lines().some(([, word]) => word === undefined);
  }

  /** The program that its host does not have. */
  get missing(): string | undefined {
    return this.#lines().find(([, word]) => word === "none")?.[2];
  }

  /** What sudo, or the program, said on stderr. */
  get complaint(): string {
    return this.#said.replaceAll(this.#control, "");
  }

  /** Takes what came on its stderr. */
  heard(bytes: Uint8Array): void {
    this.#said = (this.#said + Buffer.from(bytes).toString()).slice(0, longestComplaint);
    this.#news.fire();
    if (this.#pid !== undefined) return;
    const pid = this.#lines().find(([, word]) => word === "pid")?.[2];
    if (pid === undefined) return;
    this.#pid = Number(pid);
    this.#known(this.#pid);
  }

  waitsFor(): () => void {
    this.#waits += 1;
    let over = false;
    return () => {
      if (!over) this.#waits -= 1;
      over = true;
    };
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Resolves when a shell runs as the other user, or nobody waits for that any more. */
  async untilOn(): Promise<void> {
    while (!this.on && !this.over.aborted) await this.#news.wait(Number.MAX_SAFE_INTEGER, this.over);
  }

  async ended(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#over.signal]);
    if (either.aborted) return;
    await new Promise((resolve) => either.addEventListener("abort", resolve, { once: true }));
  }

  /** Nobody waits for it any more: its question is taken back. Safe to call twice. */
  end(): void {
    this.#over.abort();
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  #lines(): readonly RegExpExecArray[] {
    return [...this.#said.matchAll(this.#control)];
  }
}

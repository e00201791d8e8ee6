import { monotonicMs, randomHex } from "../base/index.ts";
import { toolOf, withMeta, type Message, type MessageId } from "./json-rpc.ts";
import { metaNames, repetitionOf, type Repetition } from "./repeatable.ts";

/** Requests that can wait for their answers at once; the client is not read any further beyond. */
const mostRequests = 1_000;

/** Their texts together (64 Mi characters); beyond it a text is not kept, and its request not repeated. */
const mostCharacters = 67_108_864;

/** A request that ended the daemon this often is not sent once more. */
const mostTimes = 3;

/** Losses that lie further apart than this have nothing to do with the request. */
const forgivenMs = 60_000;

/** The request that is only answered when the client ends it. */
const lasting = "subscriptions/listen";

type Request = Extract<Message, { readonly kind: "request" }>;

/** A request that the client waits for. */
export interface Waiting {
  readonly id: MessageId;
  readonly tool: string | undefined;
  readonly method: string;
  readonly repetition: Repetition;
  /** The line to send; it changes when the request is sent again. */
  line: string;
  /** Its place among the lines of the connection of now; undefined while it is not on its way. */
  sentAs: number | undefined;
  /** How often it was sent to somebody who may have taken it. */
  times: number;
}

interface Entry extends Waiting {
  readonly whole: Request["whole"];
  readonly key: string | undefined;
  readonly size: number;
  readonly sinceMs: number;
  sentMs: number;
}

/** The requests of one client that have no answer yet, in the order in which they came, with what is needed to send them again. */
export class Unanswered {
  readonly #entries = new Map<string, Entry>();
  #characters = 0;
  #instance: string | undefined;
  #serial = 0;

  get size(): number {
    return this.#entries.size;
  }

  get full(): boolean {
    return this.#entries.size >= mostRequests;
  }

  /** Somebody waits for an answer; requests that last as long as the client do not count. */
  get urgent(): boolean {
    return [...this.#entries.values()].some((entry) => entry.method !== lasting);
  }

  /** Those that are not on their way. */
  get unsent(): readonly Waiting[] {
    return [...this.#entries.values()].filter((entry) => entry.sentAs === undefined);
  }

  add(request: Request, line: string): Waiting {
    // A client that uses an id twice has two answers to it; what is kept of the first does not count for ever.
    this.settle(request.id);
    const tool = toolOf(request.whole);
    const repetition = repetitionOf(tool);
    const tooMuch = this.#characters + line.length > mostCharacters;
    const key = repetition === "keyed" ? this.#newKey() : undefined;
    const entry: Entry = {
      id: request.id,
      tool,
      method: request.method,
      repetition: tooMuch ? "unsafe" : repetition,
      line: key === undefined ? line : withMeta(request.whole, { [metaNames.key]: key }),
      sentAs: undefined,
      whole: tooMuch ? {} : request.whole,
      key,
      size: tooMuch ? 0 : line.length,
      sinceMs: monotonicMs(),
      times: 0,
      sentMs: 0,
    };
    this.#characters += entry.size;
    this.#entries.set(name(request.id), entry);
    return entry;
  }

  /** It is on its way as line number `place`; what is needed to send it again is kept apart. */
  sent(waiting: Waiting, place: number): void {
    const entry = this.#entries.get(name(waiting.id));
    if (entry === undefined) return;
    entry.sentAs = place;
    entry.line = "";
    entry.times += 1;
    entry.sentMs = monotonicMs();
  }

  /** It was answered or given up. */
  settle(id: MessageId): void {
    const entry = this.#entries.get(name(id));
    if (entry === undefined) return;
    this.#characters -= entry.size;
    this.#entries.delete(name(id));
  }

  /**
   * The connection is gone. What the other side never looked at (lines behind `taken`) and what may be repeated is to be sent again;
   * the rest is returned, and settled: nobody can know what became of it.
   */
  lost(taken: number | undefined): readonly Waiting[] {
    const unknown: Waiting[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.sentAs === undefined) continue;
      const fresh = taken !== undefined && entry.sentAs > taken;
      entry.sentAs = undefined;
      if (monotonicMs() - entry.sentMs > forgivenMs) entry.times = 1;
      if (fresh && entry.size > 0) {
        entry.times -= 1;
        entry.line = this.#lineOf(entry, entry.times > 0);
      } else if (entry.repetition !== "unsafe" && entry.times < mostTimes) entry.line = this.#lineOf(entry, true);
      else unknown.push(entry);
    }
    for (const { id } of unknown) this.settle(id);
    return unknown;
  }

  /** All of them, settled. */
  takeAll(): readonly Waiting[] {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    this.#characters = 0;
    return all;
  }

  #lineOf(entry: Entry, sentBefore: boolean): string {
    const { tool, key } = entry;
    if (tool === undefined) return JSON.stringify(entry.whole);
    return withMeta(entry.whole, {
      ...(key === undefined ? {} : { [metaNames.key]: key }),
      ...(sentBefore ? { [metaNames.sentBefore]: Math.round(monotonicMs() - entry.sinceMs) } : {}),
    });
  }

  /** One key for one call of one client, ever. */
  #newKey(): string {
    this.#instance ??= randomHex(12);
    this.#serial += 1;
    return `${this.#instance} ${this.#serial}`;
  }
}

/** 1 and "1" are two ids. */
function name(id: MessageId): string {
  return JSON.stringify(id);
}

import { AsyncLocalStorage } from "node:async_hooks";
import { HoldfastError, Pulse, delay, monotonicMs } from "../base/index.ts";
import type { Attendant } from "./attendant.ts";
import { OpenQuestion, type Answer } from "./open-question.ts";
import { boundedQuestion, isAskable, type Question } from "./question.ts";
import { showIn, type QuestionDialog } from "./question-dialog.ts";

/** Time for a person to fetch a phone and read a code; servers allow little more for a login. */
const longestMs = 300_000;

/** Questions at a time; a person answers no more, and what asks more is broken or hostile. */
const mostOpen = 32;

/** Who has said no is left alone with the same question for this long. */
const refusalMs = 60_000;

/** Refusals that are remembered; the oldest are forgotten first. */
const mostRefusals = 200;

/** A person who sees the question somewhere already is not disturbed by a dialog for this long. */
const dialogPauseMs = 10_000;

interface AskOptions {
  /** Whoever asks gives up; the question ends when nobody waits for its answer. */
  readonly signal?: AbortSignal | undefined;
  /** Default, and at most: 5 minutes. */
  readonly limitMs?: number;
  /** One more place where the person may see it: at once where nobody else shows it, else after a while. */
  readonly dialog?: QuestionDialog | undefined;
}

interface DeskParts {
  /** How long a question waits that no client shows and nobody looks at. */
  readonly patienceMs: () => number;
  /** Opens a page where the question can be answered, and gives its address; it closes itself when the question is over. */
  readonly openPage?: (open: OpenQuestion) => Promise<string>;
  /** The dialog of this machine, if it has one. */
  readonly dialog?: () => QuestionDialog | undefined;
  /** Told each value that was typed into a hidden field, before whoever asked has it. */
  readonly onSecret?: (value: string) => void;
}

interface Entry {
  readonly open: OpenQuestion;
  readonly topics: ReadonlySet<string>;
  /** Calls that it holds up, as far as that is known. */
  readonly asked: Set<Attendant>;
  /** Calls whose clients could not show it. */
  readonly passed: Set<Attendant>;
  readonly waiters: Set<(answer: Answer) => void>;
  /** A dialog shows it, or will. */
  hasDialog: boolean;
}

/**
 * Where questions to people lie until one is answered: by the client of the call that waits for it, on a page, or by whoever
 * comes to the desk (`visit`). The first answer counts. Answers are in memory only, and not kept after they were given.
 */
export class ApprovalDesk {
  readonly #parts: DeskParts;
  readonly #entries = new Map<string, Entry>();
  readonly #attendants = new Set<Attendant>();
  readonly #current = new AsyncLocalStorage<Attendant>();
  readonly #refusals = new Map<string, number>();
  readonly #changed = new Pulse();
  #visitors = 0;
  #visitable = false;
  #closed = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** From now on people can come to the desk by themselves, so a question that no client shows has a chance. */
  welcomeVisitors(): void {
    this.#visitable = true;
  }

  /** Asks a person. Equal questions that are open at the same time are one. Never rejects. */
  async ask(question: Question, options: AskOptions = {}): Promise<Answer> {
    if ((this.#refusals.get(question.refusalKey) ?? 0) > monotonicMs()) return { kind: "refused" };
    if (options.signal?.aborted === true) return { kind: "nobody" };
    const entry = this.#entryOf(question, options.limitMs ?? longestMs);
    if (entry === undefined) return { kind: "nobody" };
    const caller = this.#caller();
    if (caller !== undefined) entry.asked.add(caller);
    const answer = this.#answerOf(entry, options.signal);
    this.#settleHolder(entry);
    const dialogs = [this.#parts.dialog?.(), options.dialog].filter((one) => one !== undefined);
    if (dialogs.length > 0) void this.#offerDialogs(entry, dialogs);
    this.#endIfHopeless(entry);
    this.#tell(entry);
    return answer;
  }

  /** Does `work` as the call of `attendant`: what is asked meanwhile is asked of the person behind it. */
  async attend<T>(attendant: Attendant, work: () => Promise<T>): Promise<T> {
    this.#attendants.add(attendant);
    for (const entry of this.#entries.values()) this.#settleHolder(entry);
    try {
      return await this.#current.run(attendant, work);
    } finally {
      this.#attendants.delete(attendant);
      for (const entry of this.#entries.values()) {
        entry.asked.delete(attendant);
        this.#settleHolder(entry);
      }
    }
  }

  /** The open questions, oldest first. */
  get questions(): readonly OpenQuestion[] {
    return [...this.#entries.values()].map((entry) => entry.open);
  }

  /** Resolves when questions have come or gone, after `limitMs`, or when `signal` aborts. */
  changed(limitMs: number, signal?: AbortSignal): Promise<void> {
    return this.#changed.wait(limitMs, signal);
  }

  /** A person looks at the questions: they last as long as they may until the returned function is called. */
  visit(): () => void {
    this.#visitors += 1;
    this.#setPatience();
    let here = true;
    return () => {
      if (!here) return;
      here = false;
      this.#visitors -= 1;
      this.#setPatience();
    };
  }

  /** Ends all questions, and takes no more. */
  close(): void {
    this.#closed = true;
    for (const { open } of this.#entries.values()) open.end("nobody");
  }

  #caller(): Attendant | undefined {
    const attendant = this.#current.getStore();
    // A connection may outlast the call that made it.
    return attendant !== undefined && this.#attendants.has(attendant) ? attendant : undefined;
  }

  /** The question as it is open already, or newly opened; undefined when it cannot be asked. */
  #entryOf(question: Question, limitMs: number): Entry | undefined {
    const same = [...this.#entries.values()].find((entry) => entry.open.question.key === question.key);
    if (same !== undefined) return same;
    if (this.#closed || this.#entries.size >= mostOpen || !isAskable(question)) return undefined;
    return this.#add(question, Math.min(limitMs, longestMs));
  }

  #add(question: Question, limitMs: number): Entry {
    const open: OpenQuestion = new OpenQuestion({
      question: boundedQuestion(question),
      limitMs,
      onOver: (answer) => this.#over(entry, answer),
      onPass: (attendant) => {
        entry.passed.add(attendant);
        this.#settleHolder(entry);
        this.#endIfHopeless(entry);
      },
      tell: () => this.#tell(entry),
      openPage: this.#parts.openPage ?? noPages,
    });
    const topics = new Set([...question.topics, ...(this.#caller()?.topics ?? [])]);
    const entry: Entry = { open, topics, asked: new Set(), passed: new Set(), waiters: new Set(), hasDialog: false };
    this.#entries.set(open.id, entry);
    this.#changed.fire();
    return entry;
  }

  #answerOf(entry: Entry, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve) => {
      const finish = (answer: Answer): void => {
        signal?.removeEventListener("abort", leave);
        resolve(answer);
      };
      const leave = (): void => {
        entry.waiters.delete(finish);
        finish({ kind: "nobody" });
        if (entry.waiters.size === 0) entry.open.end("nobody");
      };
      entry.waiters.add(finish);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** Calls that wait for this answer, for all we know. */
  #held(entry: Entry): readonly Attendant[] {
    const others = [...this.#attendants].filter((one) => [...one.topics].some((topic) => entry.topics.has(topic)));
    return [...new Set([...entry.asked, ...others])];
  }

  /** Has exactly one client show the question, if there is one that can. */
  #settleHolder(entry: Entry): void {
    const { open, passed } = entry;
    const { holder } = open;
    if (open.over.aborted) return;
    if (holder !== undefined && this.#attendants.has(holder) && !passed.has(holder)) return;
    const next = this.#held(entry).find((one) => !passed.has(one) && one.canShow(open.question));
    open.hold(next);
    this.#setPatienceOf(entry);
  }

  /** Without anybody who shows it, or comes to the desk, there is nothing to wait for. */
  #endIfHopeless({ open, hasDialog }: Entry): void {
    const isShown = open.holder !== undefined || hasDialog;
    if (!isShown && !this.#visitable && this.#visitors === 0) open.end("nobody");
  }

  async #offerDialogs(entry: Entry, dialogs: readonly QuestionDialog[]): Promise<void> {
    const { open } = entry;
    if (entry.hasDialog) return;
    entry.hasDialog = true;
    this.#setPatienceOf(entry);
    const isSeen = open.holder !== undefined || this.#visitors > 0;
    if (isSeen) await delay(dialogPauseMs, open.over);
    for (const dialog of dialogs) if (!open.over.aborted) await showIn(dialog, open);
    entry.hasDialog = false;
    if (open.over.aborted) return;
    this.#setPatienceOf(entry);
    this.#endIfHopeless(entry);
  }

  #setPatience(): void {
    for (const entry of this.#entries.values()) this.#setPatienceOf(entry);
  }

  #setPatienceOf({ open, hasDialog }: Entry): void {
    if (open.holder === undefined && !hasDialog && this.#visitors === 0) open.waitInVain(this.#parts.patienceMs());
    else open.waitInHope();
  }

  #tell(entry: Entry): void {
    const { open } = entry;
    if (open.over.aborted) return;
    const how = open.holder === undefined ? " · to answer: holdfast answer" : "";
    for (const attendant of this.#held(entry)) attendant.tell(`waiting for a person: ${open.question.title}${how}`);
  }

  #over({ open, asked, waiters }: Entry, answer: Answer): void {
    const { question } = open;
    this.#entries.delete(open.id);
    if (answer.kind === "refused") this.#rememberRefusal(question.refusalKey);
    const missed = ["nobody", "expired"].includes(answer.kind);
    // Where people cannot come to the desk, there is nothing to be said about how they could.
    if (missed && this.#visitable) for (const one of asked) one.missed(question);
    if (answer.kind === "answered" && question.kind === "fields") {
      for (const secret of answer.values.filter((_, at) => question.fields[at]?.hidden === true)) {
        this.#parts.onSecret?.(secret);
      }
    }
    for (const give of waiters) give(answer);
    this.#changed.fire();
  }

  #rememberRefusal(key: string): void {
    this.#refusals.delete(key);
    this.#refusals.set(key, monotonicMs() + refusalMs);
    for (const oldest of this.#refusals.keys()) {
      if (this.#refusals.size <= mostRefusals) return;
      this.#refusals.delete(oldest);
    }
  }
}

function noPages(): Promise<string> {
  return Promise.reject(new HoldfastError("unsupported", "there are no pages here"));
}

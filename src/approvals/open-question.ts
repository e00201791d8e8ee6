import { after, every, monotonicMs, randomHex } from "../base/index.ts";
import type { Attendant } from "./attendant.ts";
import type { Question } from "./question.ts";

/** What became of a question. `nobody`: there was no one to ask, or no one came; `expired`: it was shown and not answered in time. */
export type Answer =
  | { readonly kind: "answered"; readonly values: readonly string[] }
  | { readonly kind: "refused" }
  | { readonly kind: "nobody" }
  | { readonly kind: "expired" };

/** Passwords and codes are far shorter; a private key pasted by mistake is not. */
const longestValue = 4_096;

/** Those who wait are told so at once, and then this often. */
const tellEveryMs = 10_000;

interface OpenQuestionParts {
  readonly question: Question;
  /** It ends by itself after this time. */
  readonly limitMs: number;
  /** Its last word. */
  readonly onOver: (answer: Answer) => void;
  readonly onPass: (attendant: Attendant) => void;
  readonly tell: () => void;
  readonly openPage: (open: OpenQuestion) => Promise<string>;
}

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const controlCharacter = /[\u0000-\u001F\u007F]/;

/** One question that waits for a person: answered, refused or ended once, by whoever is first. */
export class OpenQuestion {
  /** Random: whoever names it has been shown it. */
  readonly id = randomHex(16);
  /** Four digits that each place shows, so that a person sees that it is the same question. */
  readonly code = String(Number.parseInt(randomHex(4), 16) % 10_000).padStart(4, "0");
  readonly question: Question;
  readonly #parts: OpenQuestionParts;
  readonly #over = new AbortController();
  readonly #deadlineMs: number;
  readonly #stops: (() => void)[];
  #stopPatience: (() => void) | undefined;
  #page: Promise<string> | undefined;
  #holder: Attendant | undefined;

  constructor(parts: OpenQuestionParts) {
    this.#parts = parts;
    this.question = parts.question;
    this.#deadlineMs = monotonicMs() + parts.limitMs;
    this.#stops = [
      after(parts.limitMs, () => this.end(this.#holder === undefined ? "nobody" : "expired")),
      every(tellEveryMs, parts.tell),
    ];
  }

  /** Aborts when the question is over, however it ended: whatever shows it can be closed. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Time until it ends by itself. */
  get leftMs(): number {
    return Math.max(0, this.#deadlineMs - monotonicMs());
  }

  /** The call whose client shows it, if one does. */
  get holder(): Attendant | undefined {
    return this.#holder;
  }

  /** Hands it to a call's client, or to none. */
  hold(attendant: Attendant | undefined): void {
    this.#holder = attendant;
    attendant?.show(this, () => {
      if (this.#holder === attendant && !this.over.aborted) this.#parts.onPass(attendant);
    });
  }

  /** Nobody looks at it: it ends `limitMs` after this was said first. */
  waitInVain(limitMs: number): void {
    this.#stopPatience ??= after(limitMs, () => this.end("nobody"));
  }

  /** Somebody looks at it: it lasts as long as it may. */
  waitInHope(): void {
    this.#stopPatience?.();
    this.#stopPatience = undefined;
  }

  /** Gives the values, one for each field (none for a yes). False when it is over or these cannot be the answer. */
  answer(values: readonly string[]): boolean {
    const { question } = this;
    const wanted = question.kind === "confirm" ? 0 : question.fields.length;
    const fit = values.every((value) => value.length <= longestValue && !controlCharacter.test(value));
    return fit && values.length === wanted && this.#finish({ kind: "answered", values });
  }

  /** A person says no. False when it is over. */
  refuse(): boolean {
    return this.#finish({ kind: "refused" });
  }

  end(kind: "nobody" | "expired"): void {
    this.#finish({ kind });
  }

  /** Address of a page on this machine where it can be answered once; opened when it is first wanted. Rejects where there are no pages. */
  page(): Promise<string> {
    this.#page ??= this.#parts.openPage(this);
    return this.#page;
  }

  #finish(answer: Answer): boolean {
    if (this.#over.signal.aborted) return false;
    for (const stop of this.#stops) stop();
    this.#stopPatience?.();
    this.#over.abort("the question is over");
    this.#parts.onOver(answer);
    return true;
  }
}

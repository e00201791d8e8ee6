import type { Attendant, OpenQuestion, Question } from "../approvals/index.ts";
import { HoldfastError } from "../base/index.ts";
import { copyEnd } from "./copy-ends.ts";
import type { Reply } from "./reply.ts";

/** How the person behind a call can be asked, as its face knows it. */
export interface CallAsker {
  canShow(question: Question): boolean;
  /**
   * Shows it; the person's word goes to `open`. `pass`: it cannot be shown after all, or the person only closed it. `hide` takes out of a text what
   * must not pass through a client.
   */
  show(open: OpenQuestion, pass: () => void, hide: (text: string) => string): void;
}

/** Arguments that name a target or session, or a command in one; those of a copy have a path behind it. */
const namingArguments = ["on", "target", "session", "command"];
const endArguments = ["from", "to"];

interface AttendantParts {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly asker: CallAsker | undefined;
  readonly progress: ((message: string) => void) | undefined;
  readonly hide: (text: string) => string;
}

/** A call as the approval desk sees it. */
export class CallAttendant implements Attendant {
  readonly topics: ReadonlySet<string>;
  readonly #parts: AttendantParts;
  #missed: Question | undefined;

  constructor(parts: AttendantParts) {
    this.#parts = parts;
    this.topics = topicsOf(parts);
  }

  canShow(question: Question): boolean {
    return this.#parts.asker?.canShow(question) === true;
  }

  show(open: OpenQuestion, pass: () => void): void {
    this.#parts.asker?.show(open, pass, this.#parts.hide);
  }

  tell(message: string): void {
    this.#parts.progress?.(message);
  }

  missed(question: Question): void {
    this.#missed = question;
  }

  /** The reply of a call to several targets; if it failed for some because nobody answered a question, it says how one can be answered. */
  annotate(reply: Reply): Reply {
    if (this.#missed === undefined || !Array.isArray(this.#parts.args["on"])) return reply;
    return { ...reply, text: `${reply.text.trimEnd()}\n${howToAnswer(this.#missed)}.\n` };
  }

  /** The error of the call; if it came about because nobody answered a question, it says how one can be answered. */
  explain(error: HoldfastError): HoldfastError {
    const { code, message, hint, details } = error;
    if (this.#missed === undefined || code === "cancelled") return error;
    const how = howToAnswer(this.#missed);
    return new HoldfastError(code, message, {
      hint: hint === undefined ? how : `${hint}. ${how}`,
      details,
      cause: error,
    });
  }
}

function howToAnswer({ title }: Question): string {
  return `A person was asked (${title}) and did not answer: they can run holdfast answer --wait in a terminal before you call again`;
}

function topicsOf({ tool, args }: AttendantParts): ReadonlySet<string> {
  const names = namingArguments.flatMap((name) => {
    // ssh_run's command is shell text; everywhere else it is an id, whose session is meant.
    if (name === "command" && tool === "ssh_run") return [];
    return [args[name]].flat().filter((value) => typeof value === "string");
  });
  const ends = tool === "ssh_copy" ? endArguments.flatMap((name) => hostOf(args[name])) : [];
  return new Set([...names.map((name) => name.replace(/\/\d+$/, "")), ...ends]);
}

function hostOf(end: unknown): readonly string[] {
  if (typeof end !== "string") return [];
  try {
    const { on } = copyEnd(end);
    return on === undefined ? [] : [on];
  } catch {
    return [];
  }
}

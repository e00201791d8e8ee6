import { shortSecretNote } from "../approvals/index.ts";
import { Pulse, monotonicMs } from "../base/index.ts";
import type { QuestionDesk, ShownQuestion } from "../daemon/index.ts";
import { daemonPlace } from "../shim/index.ts";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";
import { questionText, timeLeft, typedWord, type Word } from "./typed-answer.ts";

/** A daemon tells its questions at once; this is for machines that stand still. */
const firstWordLimitMs = 5_000;

/** While none is asked, daemons that have come up are looked for this often. */
const lookEveryMs = 1_000;

/** `holdfast answer`: a person answers what calls wait for. */
export const answerCommand: CliCommand = {
  name: "answer",
  usage: "[--list] [--wait]",
  summary: "answer what a call asks of a person: host keys, logins",
  details: [
    "Shows each open question of the daemon and takes the answer; what is secret is not shown while you type it.",
    "Ctrl+D refuses a question, Ctrl+C leaves it open.",
    "--list    only show what is asked",
    "--wait    stay, and show questions as they come",
    "Exit code: 0 when nothing is left to answer, 1 when something is.",
  ],
  options: { list: { type: "boolean" }, wait: { type: "boolean" } },
  positionals: { least: 0, most: 0 },
  run: answer,
};

interface Asked {
  readonly shown: ShownQuestion;
  readonly desk: QuestionDesk;
}

async function answer(args: CliArguments, services: CliServices): Promise<number> {
  const list = args.flags.has("list");
  if (!list && !services.interactive) {
    await print(
      services.errors,
      "Answers are typed at a terminal, and this is none. holdfast answer --list shows what is asked.",
    );
    return exitCodes.failed;
  }
  const counter = new Counter();
  try {
    await counter.look();
    if (list) return await listAll(counter.asked, services);
    return await answerAll(counter, args.flags.has("wait"), services);
  } finally {
    counter.close();
  }
}

/** All that is asked, of whichever daemon. */
class Counter {
  readonly #changed = new Pulse();
  readonly #left = new Set<string>();
  #desks: readonly QuestionDesk[] = [];

  /** Finds the daemons that have come up since, and waits until they have told. */
  async look(): Promise<void> {
    const { openQuestionDesks } = await import("../daemon/index.ts");
    const here = this.#desks.filter((desk) => !desk.closed);
    this.#desks = [...here, ...(await openQuestionDesks(daemonPlace(), here, this.#changed))];
    const until = monotonicMs() + firstWordLimitMs;
    while (this.#desks.some((desk) => desk.questions === undefined) && monotonicMs() < until) {
      await this.#changed.wait(until - monotonicMs());
    }
  }

  get asked(): readonly Asked[] {
    return this.#desks.flatMap((desk) => (desk.questions ?? []).map((shown) => ({ shown, desk })));
  }

  /** The next question that the person has not left open. */
  get next(): Asked | undefined {
    return this.asked.find(({ shown }) => !this.#left.has(shown.id));
  }

  leave({ shown }: Asked): void {
    this.#left.add(shown.id);
  }

  changed(limitMs: number, signal: AbortSignal): Promise<void> {
    return this.#changed.wait(limitMs, signal);
  }

  /** Aborts when the question is over; call `stop` when nobody wants to know any more. */
  watch({ shown }: Asked): { readonly over: AbortSignal; stop(): void } {
    const over = new AbortController();
    const stopped = new AbortController();
    const watch = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        if (!this.asked.some((one) => one.shown.id === shown.id)) over.abort();
        await this.#changed.wait(firstWordLimitMs, stopped.signal);
      }
    };
    void watch();
    return { over: over.signal, stop: () => stopped.abort() };
  }

  close(): void {
    for (const desk of this.#desks) desk.close();
  }
}

async function listAll(asked: readonly Asked[], services: CliServices): Promise<number> {
  const lines = asked.map(
    ({ shown }) => `${shown.code} · ${shown.title} · ${timeLeft(shown)} · to answer: holdfast answer`,
  );
  await print(services.output, lines.length === 0 ? "Nothing is asked." : lines.join("\n"));
  return exitCodes.ok;
}

async function answerAll(counter: Counter, wait: boolean, services: CliServices): Promise<number> {
  const { interrupted, output } = services;
  let toldToWait = false;
  while (!interrupted.aborted) {
    const { next } = counter;
    if (next !== undefined) {
      toldToWait = false;
      if ((await answerOne(next, counter, services)) === "left") counter.leave(next);
      if (!wait && counter.next === undefined) break;
      continue;
    }
    if (!wait) {
      await print(output, "Nothing is asked.");
      break;
    }
    if (!toldToWait) await print(output, "Nothing is asked. Questions show up here as they come; Ctrl+C ends.");
    toldToWait = true;
    await counter.changed(lookEveryMs, interrupted);
    await counter.look();
  }
  return counter.asked.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function thanksFor({ question }: ShownQuestion, word: Word): string {
  if (!("values" in word)) return "✔ Refused.";
  const note = question.kind === "fields" ? shortSecretNote(question.fields, word.values) : undefined;
  return `✔ Thank you.${note === undefined ? "" : ` ${note}`}`;
}

type Outcome = "settled" | "left";

async function answerOne(asked: Asked, counter: Counter, services: CliServices): Promise<Outcome> {
  const { shown, desk } = asked;
  await print(services.output, questionText(shown));
  const watch = counter.watch(asked);
  try {
    const signal = AbortSignal.any([watch.over, services.interrupted]);
    const word = await typedWord(shown, { input: services.input, output: services.output, signal });
    if (word === "left") {
      await print(services.output, "Left open.");
      return "left";
    }
    const taken = word !== "over" && (await desk.say(word));
    await print(services.output, taken ? thanksFor(shown, word) : "✘ It was answered elsewhere, or its time was up.");
    return "settled";
  } finally {
    watch.stop();
  }
}

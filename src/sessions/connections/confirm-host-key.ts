import { HoldfastError, after, monotonicMs } from "../../base/index.ts";
import {
  describeAddress,
  rememberHostKey,
  type ConnectPlan,
  type PersonQuestions,
  type SshEngine,
} from "../../ssh/index.ts";

/** How long a person has to compare a fingerprint. */
const answerLimitMs = 5 * 60_000;

/** An answer about the same key of the same host stands for this long: a caller that tries again must not nag, and others that were under way come late. */
const answerStandsMs = 60_000;

type Answer = "yes" | "no" | "nobody";

interface OpenQuestion {
  readonly answer: Promise<Answer>;
  readonly nobodyWaits: AbortController;
  waiting: number;
}

interface UnknownKey {
  readonly error: HoldfastError;
  readonly key: Buffer;
}

/** What the error of an unknown key says about it, or undefined when it is another error. */
function unknownKey(thrown: unknown): UnknownKey | undefined {
  if (!(thrown instanceof HoldfastError) || thrown.code !== "host_key_unknown") return undefined;
  const key = thrown.details["hostKey"];
  return typeof key === "string" ? { error: thrown, key: Buffer.from(key, "base64") } : undefined;
}

/** Asks a person about unknown host keys: about each key of each host one question, whoever waits for the answer. */
class HostKeyQuestions {
  readonly #people: PersonQuestions;
  readonly #open = new Map<string, OpenQuestion>();
  readonly #answered = new Map<string, { readonly answer: Answer; readonly until: number }>();

  constructor(people: PersonQuestions) {
    this.#people = people;
  }

  async ask(plan: ConnectPlan, { error, key }: UnknownKey, signal: AbortSignal | undefined): Promise<Answer> {
    const id = JSON.stringify([plan.host, plan.port, plan.hostKeyAlias, error.details["fingerprint"]]);
    const before = this.#standing(id);
    if (before !== undefined) return before;
    const question = this.#open.get(id) ?? this.#put(id, plan, { error, key });
    question.waiting += 1;
    try {
      return await untilAborted(question.answer, signal);
    } finally {
      question.waiting -= 1;
      if (question.waiting === 0) {
        // Whoever comes now must not join a question that ends unanswered.
        if (this.#open.get(id) === question) this.#open.delete(id);
        question.nobodyWaits.abort();
      }
    }
  }

  /** Opens the question; a yes has been written down when it resolves. */
  #put(id: string, plan: ConnectPlan, { error, key }: UnknownKey): OpenQuestion {
    const nobodyWaits = new AbortController();
    const answer = (async (): Promise<Answer> => {
      const cancel = after(answerLimitMs, () => nobodyWaits.abort());
      try {
        const said = await untilAborted(
          this.#people.confirmHostKey(
            {
              alias: plan.alias,
              address: describeAddress(plan),
              keyType: String(error.details["keyType"] ?? ""),
              fingerprint: String(error.details["fingerprint"] ?? ""),
            },
            nobodyWaits.signal,
          ),
          nobodyWaits.signal,
        );
        if (said === "yes") rememberHostKey(plan, key);
        if (said !== "nobody") this.#answered.set(id, { answer: said, until: monotonicMs() + answerStandsMs });
        return said;
      } finally {
        cancel();
        if (this.#open.get(id)?.nobodyWaits === nobodyWaits) this.#open.delete(id);
      }
    })();
    const question: OpenQuestion = { answer, nobodyWaits, waiting: 0 };
    this.#open.set(id, question);
    return question;
  }

  #standing(id: string): Answer | undefined {
    const now = monotonicMs();
    for (const [one, { until }] of this.#answered) if (until <= now) this.#answered.delete(one);
    return this.#answered.get(id)?.answer;
  }
}

/** The answer, or "nobody" as soon as `signal` aborts. */
function untilAborted(answer: Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve("nobody");
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function refused(error: HoldfastError): HoldfastError {
  return new HoldfastError("host_key_unknown", `${error.message}, and a person said no to it`, {
    hint: "Nothing was sent. Find out from who runs the host which key is right; nobody is asked again for a minute",
    details: error.details,
  });
}

/**
 * The same engine, but with plans that say `ask` a person is shown the fingerprint of an unknown host key. On yes exactly that key is written to
 * Holdfast's own known_hosts file and the connection is made anew; otherwise it rejects with `host_key_unknown` as without. The time a person
 * takes counts against no limit of the plan.
 */
export function confirmHostKeys(engine: SshEngine, people: PersonQuestions | undefined): SshEngine {
  if (people === undefined) return engine;
  const questions = new HostKeyQuestions(people);
  const connect: SshEngine["connect"] = async (plan, signal, first, stream) => {
    try {
      return await engine.connect(plan, signal, first, stream);
    } catch (thrown) {
      const unknown = plan.unknownHostKey === "ask" ? unknownKey(thrown) : undefined;
      if (unknown === undefined) throw thrown;
      const answer = await questions.ask(plan, unknown, signal);
      if (signal?.aborted === true) throw new HoldfastError("cancelled", `connecting to ${plan.alias} was cancelled`);
      if (answer === "no") throw refused(unknown.error);
      if (answer === "nobody") throw unknown.error;
      return engine.connect(plan, signal, first, stream);
    }
  };
  return { connect };
}

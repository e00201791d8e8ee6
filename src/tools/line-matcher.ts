import { Worker } from "node:worker_threads";
import { HoldfastError, messageOf, monotonicMs, timeIsUp, withDeadline } from "../base/index.ts";

/** Time for the lines of one message to the thread; an expression that needs more explodes. */
const matchLimitMs = 2_000;

/** Time that one call may spend on matching in all: on a busy machine each message takes long, though none explodes. */
const callLimitMs = 10_000;

/** How long a busy machine may take to start the thread. */
const startLimitMs = 20_000;

/** A line is matched by its first 64 Ki characters. */
const longestLine = 65_536;

/** The expression runs in a thread of its own, because JavaScript cannot stop one that backtracks for ever. */
const threadCode = `
const { parentPort, workerData } = require("node:worker_threads");
const expression = new RegExp(workerData.source, workerData.flags);
parentPort.on("message", (lines) => {
  const matches = [];
  for (let index = 0; index < lines.length; index += 1) if (expression.test(lines[index])) matches.push(index);
  parentPort.postMessage(matches);
});
`;

/** A regular expression that is known to be valid. */
export interface LinePattern {
  readonly source: string;
  readonly flags: string;
}

/** The expression `text` (a leading `(?i)` ignores case). Throws `bad_input` when it is none. */
export function checkedPattern(text: string): LinePattern {
  const ignoresCase = text.startsWith("(?i)");
  const pattern = { source: ignoresCase ? text.slice("(?i)".length) : text, flags: ignoresCase ? "i" : "" };
  try {
    RegExp(pattern.source, pattern.flags);
    return pattern;
  } catch (thrown) {
    throw new HoldfastError("bad_input", `grep is no valid regular expression: ${messageOf(thrown)}`, {
      hint: String.raw`Use JavaScript syntax; put \ before ( [ { . * + ? to take them literally`,
    });
  }
}

/** How long matching may take, for one message and in all. */
interface MatchLimits {
  readonly callMs: number;
  readonly messageMs: number;
}

/** Finds lines that match, with a limit on time. Whoever makes one closes it. */
export class LineMatcher {
  readonly #worker: Worker;
  readonly #started: Promise<unknown>;
  readonly #messageMs: number;
  #leftMs: number;

  constructor(pattern: LinePattern, limits: MatchLimits = { callMs: callLimitMs, messageMs: matchLimitMs }) {
    this.#leftMs = limits.callMs;
    this.#messageMs = limits.messageMs;
    this.#worker = new Worker(threadCode, { eval: true, workerData: pattern, stdin: false });
    this.#worker.unref();
    this.#started = new Promise((resolve) => {
      this.#worker.once("online", resolve);
    });
  }

  /** Indexes of the lines that match. Rejects with `bad_input` when the expression takes too long. One call at a time. */
  async match(lines: readonly string[]): Promise<readonly number[]> {
    await withDeadline(this.#started, startLimitMs);
    const startedMs = monotonicMs();
    const answer = this.#ask(lines.map((line) => (line.length > longestLine ? line.slice(0, longestLine) : line)));
    const matches = await withDeadline(answer, Math.min(this.#messageMs, this.#leftMs));
    this.#leftMs -= monotonicMs() - startedMs;
    if (matches !== timeIsUp) return matches;
    await this.close();
    throw new HoldfastError(
      "bad_input",
      `the grep expression took longer than ${(this.#leftMs > 0 ? this.#messageMs : callLimitMs) / 1000} s`,
      {
        hint: "Make it simpler: avoid nested repetition like (a+)+, or read with tail and from instead",
      },
    );
  }

  /** Ends the thread, also in the middle of a match. Safe to call twice. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(lines: readonly string[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#worker.off("message", onMessage);
        this.#worker.off("error", onError);
      };
      const onMessage = (matches: unknown): void => {
        settle();
        resolve(Array.isArray(matches) ? matches.filter((index) => typeof index === "number") : []);
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      this.#worker.on("message", onMessage);
      this.#worker.on("error", onError);
      this.#worker.postMessage(lines);
    });
  }
}

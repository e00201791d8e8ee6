import { Pulse, monotonicMs } from "../base/index.ts";
import type { ToolCall, ToolHost } from "../tools/index.ts";
import { askedInVain } from "./cancellation.ts";

/** A call that was told to hand back has this long to say where things stand. */
const handBackLimitMs = 3_000;

/** Counts the calls of a tool host, so that serving can end without cutting one off. */
export class RunningCalls {
  readonly #host: ToolHost;
  readonly #ends = new Set<() => void>();
  readonly #changed = new Pulse();
  #handBack = false;

  constructor(host: ToolHost) {
    this.#host = host;
  }

  /** The same tools; what is called here is counted. */
  get host(): ToolHost {
    const { catalog } = this.#host;
    const calls = { list: () => this.#host.list(), call: (call: ToolCall) => this.#call(call) };
    return catalog === undefined ? calls : { ...calls, catalog };
  }

  /**
   * Resolves when no call is running: they get `graceMs` to end by themselves, then those that wait for a command reply
   * `running` and the command goes on. What does not even do that within 3 s is left behind.
   */
  async finish(graceMs: number): Promise<void> {
    await this.#quiet(graceMs);
    this.#handBack = true;
    for (const end of this.#ends) end();
    await this.#quiet(handBackLimitMs);
  }

  async #call(call: ToolCall): ReturnType<ToolHost["call"]> {
    const own = new AbortController();
    const end = (): void => own.abort("the server ends");
    const pass = (): void => {
      own.abort(call.signal.reason);
      // What a person alone could answer is no work that would be cut off.
      if (call.signal.reason === askedInVain) this.#forget(end);
    };
    if (call.signal.aborted) pass();
    else if (this.#handBack) end();
    call.signal.addEventListener("abort", pass, { once: true });
    this.#ends.add(end);
    try {
      return await this.#host.call({ ...call, signal: own.signal });
    } finally {
      call.signal.removeEventListener("abort", pass);
      this.#forget(end);
    }
  }

  #forget(end: () => void): void {
    this.#ends.delete(end);
    this.#changed.fire();
  }

  async #quiet(limitMs: number): Promise<void> {
    const until = monotonicMs() + limitMs;
    while (this.#ends.size > 0 && monotonicMs() < until) await this.#changed.wait(until - monotonicMs());
  }
}

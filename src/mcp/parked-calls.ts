import { inputRequired, type InputRequiredResult } from "@modelcontextprotocol/server";
import { HoldfastError, Pulse, after, renderError, wallMs } from "../base/index.ts";
import type { CallAsker, ClientRoots, Reply, Tool, ToolCall, ToolHost } from "../tools/index.ts";
import { newCallState, readCallState, writeCallState, type CallState } from "./call-state.ts";
import { askedInVain } from "./cancellation.ts";
import { readRoots } from "./client-roots.ts";
import { canElicit, elicitationOf, takeAnswer, type ClientWays } from "./client-questions.ts";
import type { OpenQuestion } from "../approvals/index.ts";

/** A client comes back when its person has answered, which takes at most 5 minutes; one that does not come has given up. */
const parkedMs = 330_000;

/** Calls that wait for their client at a time; the one that waits longest is given up first. */
const mostParked = 256;

/** A wait is begun anew after this time; nothing hangs on it. */
const lookEveryMs = 60_000;

/** One request of a client: the call, or a later one that goes on with it. */
export interface Leg {
  readonly call: Omit<ToolCall, "signal" | "progress" | "asker" | "roots">;
  readonly signal: AbortSignal;
  readonly progress: ((message: string) => void) | undefined;
  readonly ways: ClientWays;
  /** The client can be asked which directories of this machine are open to it. */
  readonly hasRoots?: boolean;
  /** What the client was given to send back. */
  readonly state: unknown;
  /** Its person's answers, by question. */
  readonly answers: Readonly<Record<string, unknown>>;
}

/**
 * Calls of clients of 2026-07-28. Such a client is asked by a reply (`input_required`) and calls again with the answer; the call itself goes
 * on meanwhile, and its reply is for whoever comes back with its state.
 */
export class ParkedCalls {
  readonly #host: ToolHost;
  readonly #calls = new Map<string, ParkedCall>();

  constructor(host: ToolHost) {
    this.#host = host;
  }

  /** The reply of the call, or a question that must be answered first. Never rejects. */
  async serve(leg: Leg): Promise<Reply | InputRequiredResult> {
    const state = readCallState(leg.state);
    const known = state && this.#calls.get(state.id);
    if (known === undefined) return this.#run(leg, state);
    if (!known.isFor(leg.call)) {
      return failed(new HoldfastError("bad_input", "the call goes on with the question of another call"));
    }
    return this.#advance(known, leg);
  }

  /** Gives up all calls that wait for their client. */
  close(): void {
    for (const call of this.#calls.values()) call.giveUp();
  }

  async #run(leg: Leg, before: CallState | undefined): Promise<Reply | InputRequiredResult> {
    const tool = this.#host.list().find((one) => one.name === leg.call.name);
    if (before !== undefined && !mayRunAgain(tool, before)) return failed(unknownOutcome(leg.call.name));
    const state = before ?? newCallState(leg.call.occasion);
    const sentBeforeMs = Math.max(0, wallMs() - state.sinceMs);
    const call = before === undefined ? leg.call : { ...leg.call, occasion: { key: before.key, sentBeforeMs } };
    return this.#advance(new ParkedCall(this.#host, call, { ...leg, state }), leg);
  }

  async #advance(call: ParkedCall, leg: Leg): Promise<Reply | InputRequiredResult> {
    this.#calls.delete(call.id);
    const outcome = await call.advance(leg);
    if ("resultType" in outcome) this.#park(call);
    return outcome;
  }

  #park(call: ParkedCall): void {
    this.#calls.set(call.id, call);
    call.park(() => this.#calls.delete(call.id));
    for (const oldest of this.#calls.values()) {
      if (this.#calls.size <= mostParked) return;
      oldest.giveUp();
    }
  }
}

/** Questions to people have ids that nobody can guess. */
const rootsKey = "roots";

type Asked = NonNullable<InputRequiredResult["inputRequests"]>;

/** The client's roots, for a call that wants to know them: asked for once. */
class WantedRoots {
  #state: "unwanted" | "wanted" | "asked" = "unwanted";
  #answer: ReturnType<ClientRoots> | undefined;
  #resolve: (roots: readonly string[] | undefined) => void = () => undefined;

  get(): ReturnType<ClientRoots> {
    this.#answer ??= new Promise((resolve) => {
      this.#state = "wanted";
      this.#resolve = resolve;
    });
    return this.#answer;
  }

  /** True when the client is to be asked now. */
  ask(): boolean {
    if (this.#state !== "wanted") return false;
    this.#state = "asked";
    return true;
  }

  /** What the client says when it comes back; one that says nothing has none. */
  take(answer: unknown): void {
    if (this.#state === "asked") this.#resolve(readRoots(answer));
  }
}

interface Shown {
  readonly open: OpenQuestion;
  readonly pass: () => void;
  readonly hide: (text: string) => string;
}

class ParkedCall {
  readonly #state: CallState;
  readonly #ways: ClientWays;
  readonly #identity: string;
  readonly #control = new AbortController();
  readonly #changed = new Pulse();
  readonly #roots = new WantedRoots();
  readonly #toShow: Shown[] = [];
  readonly #shown = new Map<string, Shown>();
  #progress: ((message: string) => void) | undefined;
  #reply: Reply | undefined;
  #stopWaiting: () => void = () => undefined;
  #onGivenUp: () => void = () => undefined;

  constructor(
    host: ToolHost,
    call: Leg["call"],
    { ways, hasRoots, state }: Pick<Leg, "ways" | "hasRoots"> & { readonly state: CallState },
  ) {
    this.#state = state;
    this.#ways = ways;
    this.#identity = identityOf(call);
    const asker: CallAsker = {
      canShow: (question) => canElicit(ways, question),
      show: (open, pass, hide) => {
        this.#toShow.push({ open, pass, hide });
        this.#changed.fire();
      },
    };
    const progress = (message: string): void => this.#progress?.(message);
    const roots: ClientRoots = () => {
      this.#changed.fire();
      return this.#roots.get();
    };
    const more = { progress, asker, ...(hasRoots === true ? { roots } : {}) };
    // Never rejects.
    void host.call({ ...call, signal: this.#control.signal, ...more }).then((reply) => {
      this.#reply = reply;
      this.#changed.fire();
    });
  }

  get id(): string {
    return this.#state.id;
  }

  isFor(call: Leg["call"]): boolean {
    return identityOf(call) === this.#identity;
  }

  /** Takes the answers of a leg and goes on until the call has its reply or must ask. */
  async advance(leg: Leg): Promise<Reply | InputRequiredResult> {
    this.#stopWaiting();
    const { signal } = leg;
    const leave = (): void => this.#control.abort(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    this.#progress = leg.progress;
    try {
      this.#take(leg.answers);
      return await this.#next();
    } finally {
      this.#progress = undefined;
      signal.removeEventListener("abort", leave);
    }
  }

  /** It waits for its client from now on, within a limit; `givenUp` is called when that does not come. */
  park(givenUp: () => void): void {
    this.#onGivenUp = givenUp;
    this.#stopWaiting = after(parkedMs, () => this.giveUp());
  }

  giveUp(): void {
    this.#stopWaiting();
    this.#onGivenUp();
    this.#control.abort(askedInVain);
  }

  #take(answers: Leg["answers"]): void {
    this.#roots.take(answers[rootsKey]);
    for (const [id, answer] of Object.entries(answers)) {
      const shown = this.#shown.get(id);
      if (shown !== undefined && takeAnswer(shown.open, this.#ways, answer) === "passed") shown.pass();
    }
  }

  async #next(): Promise<Reply | InputRequiredResult> {
    for (;;) {
      if (this.#roots.ask()) return this.#asking({ [rootsKey]: inputRequired.listRoots() });
      const question = await this.#question();
      if (question !== undefined) return question;
      if (this.#reply !== undefined) return this.#reply;
      if (this.#toShow.length === 0) await this.#changed.wait(lookEveryMs);
    }
  }

  #asking(inputRequests: Asked): InputRequiredResult {
    return inputRequired({ inputRequests, requestState: writeCallState(this.#state) });
  }

  /** The next question that the client has not been shown. */
  async #question(): Promise<InputRequiredResult | undefined> {
    const next = this.#toShow.shift();
    if (next === undefined || next.open.over.aborted) return undefined;
    try {
      const { id } = next.open;
      const inputRequests = { [id]: (await elicitationOf(next.open, this.#ways, next.hide)).request };
      this.#shown.set(id, next);
      return this.#asking(inputRequests);
    } catch {
      next.pass();
      return undefined;
    }
  }
}

function identityOf({ name, args }: Leg["call"]): string {
  return JSON.stringify([name, args]);
}

/** The process that held the call is gone: it may be made again if it only looks, or if its key tells whether it was done. */
function mayRunAgain(tool: Tool | undefined, { key }: CallState): boolean {
  return (
    tool?.annotations.readOnlyHint === true || (key !== undefined && tool !== undefined && "key" in propertiesOf(tool))
  );
}

function propertiesOf({ inputSchema }: Tool): object {
  const { properties } = inputSchema;
  return typeof properties === "object" && properties !== null ? properties : {};
}

function unknownOutcome(name: string): HoldfastError {
  return new HoldfastError(
    "connection_lost",
    `the server was restarted while ${name} waited for a person; the outcome is unknown`,
    {
      hint: "Look with ssh_list or ssh_read how things stand before you repeat it",
    },
  );
}

function failed(error: HoldfastError): Reply {
  return { text: renderError(error), isError: true };
}

import { HoldfastError, monotonicMs, oneLine } from "../base/index.ts";
import type { DeviceTerminal } from "./device-terminal.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeEnd } from "./exchange-end.ts";
import { askOf, asksSecret, isPager } from "./line-kinds.ts";
import type { PlatformAsk } from "./platform.ts";
import type { Prompt } from "./prompt.ts";

/** What a terminal asks before the first prompt, beside what the platform's definition names: of a console, with the name of what is behind it. */
const asksUser = /^(?!last\b)(?:[\w.-]{1,64}\s)?(?:user ?name|login(?: name)?|user)\s?:\s?$/i;

/** What was said before the first prompt, at most: banners are shorter. */
const mostGreeting = 200;

/** Keys that are pressed and words that are answered before the first prompt, at most. */
const mostAnswers = 12;

/** A question has to stand still for so long before a name or a password is typed: the rest of the line may be on its way. */
const stillMs = 250;

/** Consoles that say nothing before a key is pressed get the Enter key, so often; nobody presses it at a device that has said what it wants. */
const mostWakes = 3;

export type LoginAnswer = { readonly text: string } | { readonly refused: string };

export interface LoginAsks {
  /** What this asks for, as late as a person gives it: that time does not count. Each kind is asked once. Never rejects. */
  answer(kind: "username" | "secret", line: string): Promise<LoginAnswer>;
  /** What was given for the secret was wrong. */
  wrong(): void;
  /** How long until there is a prompt; milliseconds. */
  readonly limitMs: number;
  /** After this time of silence the Enter key is pressed, where nothing is on the line. */
  readonly wakeMs: number;
}

export interface LoggedIn {
  readonly prompt: Prompt;
  /** The lines before it. */
  readonly greeting: readonly string[];
}

/**
 * Follows a device to its first prompt and confirms that with a comment. Rejects with `auth_failed` when a password of the terminal is not
 * there or not taken (one attempt), `timed_out` when no prompt comes, `unsupported` when it closes instead.
 */
export async function logIn(terminal: DeviceTerminal, asks: LoginAsks): Promise<LoggedIn> {
  const greeting: string[] = [];
  terminal.watch({
    onLine: ({ text }) => {
      if (greeting.length < mostGreeting) greeting.push(text);
    },
    onChange: () => undefined,
    onClosed: () => undefined,
  });
  await new FirstPrompt(terminal, asks).wait(greeting);
  const prompt = await confirmPrompt(terminal, asks.limitMs);
  return { prompt, greeting };
}

/** Confirms the prompt that the terminal shows now, and learns it; `renamed`: with another name of the device, perhaps. Rejects with `timed_out` and `unsupported`. */
export async function confirmPrompt(terminal: DeviceTerminal, limitMs: number, renamed = false): Promise<Prompt> {
  const exchange = new Exchange(
    terminal,
    { command: "", renamed },
    { onOutput: () => undefined, onQuestion: () => undefined, onAsk: () => undefined },
  );
  exchange.begin();
  const end = await exchange.within(limitMs);
  return promptOf(end, terminal);
}

function promptOf(end: ExchangeEnd, terminal: DeviceTerminal): Prompt {
  if (end.kind === "prompt") return end.prompt;
  if (end.kind === "closed") throw closedEarly(terminal);
  throw noPrompt(terminal);
}

/** The way to the first prompt: keys that it wants pressed, a name and a password. */
class FirstPrompt {
  readonly #terminal: DeviceTerminal;
  readonly #asks: LoginAsks;
  readonly #asked = new Set<string>();
  #until: number;
  #answers = 0;
  #wakes = 0;

  constructor(terminal: DeviceTerminal, asks: LoginAsks) {
    this.#terminal = terminal;
    this.#asks = asks;
    this.#until = monotonicMs() + asks.limitMs;
  }

  async wait(greeting: readonly string[]): Promise<void> {
    const terminal = this.#terminal;
    while (!terminal.closed) {
      if (terminal.promptNow() !== undefined) return;
      const { revision } = terminal;
      await this.#answer();
      const left = this.#until - monotonicMs();
      if (left <= 0) throw noPrompt(terminal);
      if (terminal.revision === revision) await this.#change(left);
    }
    throw closedEarly(terminal, greeting);
  }

  /** Waits for more, and wakes what may wait for a key. */
  async #change(leftMs: number): Promise<void> {
    const terminal = this.#terminal;
    const { revision } = terminal;
    const sleeps = this.#answers === 0 && this.#wakes < mostWakes && terminal.current.text.trim() === "";
    await terminal.changed(sleeps ? Math.min(leftMs, this.#asks.wakeMs) : leftMs);
    if (!sleeps || terminal.revision !== revision) return;
    this.#wakes += 1;
    terminal.write(terminal.platform.enter);
  }

  /** Types what the line with the cursor asks for, if anything. */
  async #answer(): Promise<void> {
    const { platform, current } = this.#terminal;
    if (this.#answers >= mostAnswers || !current.cursorAtEnd || current.text.trim() === "") return;
    const ask = askOf(platform.greetings, current.text);
    const key = ask !== undefined && typeof ask.answer === "object" ? ask.answer.text : undefined;
    if (key !== undefined || isPager(platform, current.text)) {
      this.#type(key ?? platform.pager.answer);
      return;
    }
    const kind = kindOf(ask, this.#terminal);
    if (kind !== undefined && (await this.#standsStill())) await this.#answerWords(kind, current.text.trim());
  }

  async #answerWords(kind: "username" | "secret", line: string): Promise<void> {
    const terminal = this.#terminal;
    if (this.#asked.has(kind)) {
      terminal.end();
      const wrong = this.#asked.has("secret");
      if (wrong) this.#asks.wrong();
      throw refusedLogin(wrong ? "what it was given was wrong" : "it asks again for a user");
    }
    const { revision } = terminal;
    const beganMs = monotonicMs();
    const answer = await this.#asks.answer(kind, line);
    this.#until += monotonicMs() - beganMs;
    if ("refused" in answer) throw refusedLogin(answer.refused);
    // It may have given up waiting: what stands there now is another question, or none.
    if (terminal.revision !== revision && terminal.current.text.trim() !== line) return;
    this.#asked.add(kind);
    this.#type(answer.text + terminal.platform.enter);
  }

  #type(text: string): void {
    this.#answers += 1;
    this.#terminal.write(text);
  }

  async #standsStill(): Promise<boolean> {
    const { revision } = this.#terminal;
    await this.#terminal.changed(stillMs);
    return this.#terminal.revision === revision && !this.#terminal.closed;
  }
}

/** Whether a login program has the line, though nobody has run anything: whoever was logged in there is not any more. */
export function asksLogin(terminal: DeviceTerminal): boolean {
  return terminal.current.cursorAtEnd && kindOf(undefined, terminal) !== undefined;
}

function kindOf(
  ask: PlatformAsk | undefined,
  { platform, current }: DeviceTerminal,
): "secret" | "username" | undefined {
  if (ask?.answer === "secret" || ask?.answer === "username") return ask.answer;
  if (asksUser.test(current.text)) return "username";
  return asksSecret(platform, current.text) ? "secret" : undefined;
}

function refusedLogin(why: string): HoldfastError {
  return new HoldfastError("auth_failed", `the device asks for a login of its own behind that of SSH, and ${why}`, {
    hint: "Give the password of its line as the target's password, or have a person ready to type it; nothing is tried twice",
  });
}

function noPrompt(terminal: DeviceTerminal): HoldfastError {
  const line = oneLine(terminal.current.text, 120);
  const shows = line === "" ? "it shows nothing" : `its last line is: ${line}`;
  return new HoldfastError(
    "timed_out",
    `the device shows no prompt that its platform (${terminal.platform.name}) has; ${shows}`,
    {
      hint: "Name its platform with ssh_open {platform}; docs/devices.md tells how to describe one",
    },
  );
}

function closedEarly(terminal: DeviceTerminal, greeting: readonly string[] = []): HoldfastError {
  const last = [...greeting, terminal.current.text].map((line) => line.trim()).findLast((line) => line !== "") ?? "";
  const said = last === "" ? "said nothing" : `said last: ${oneLine(last, 200)}`;
  return new HoldfastError("unsupported", `the device closed its terminal before a prompt came; it ${said}`, {
    hint: "See whether this login may have a terminal there",
  });
}

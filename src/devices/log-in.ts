import { HoldfastError, monotonicMs, oneLine } from "../base/index.ts";
import type { DeviceTerminal } from "./device-terminal.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeEnd } from "./exchange-end.ts";
import { askOf, asksSecret, isPager } from "./line-kinds.ts";
import type { PlatformAsk } from "./platform.ts";
import type { Prompt } from "./prompt.ts";

/** What a terminal asks before the first prompt, beside what the platform's definition names. */
const asksUser = /^(?:user ?name|login|user)\s?:\s?$/i;

/** What was said before the first prompt, at most: banners are shorter. */
const mostGreeting = 200;

/** Keys that are pressed and words that are answered before the first prompt, at most. */
const mostAnswers = 12;

export interface LoginAsks {
  /** What this asks for; undefined: there is no answer. Each kind is asked once. */
  answer(kind: "username" | "secret", line: string): Promise<string | undefined>;
  /** How long until there is a prompt; milliseconds. */
  readonly limitMs: number;
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
  await firstPrompt(terminal, asks, greeting);
  const prompt = await confirmPrompt(terminal, asks.limitMs);
  return { prompt, greeting };
}

/** Confirms the prompt that the terminal shows now, and learns it. Rejects with `timed_out` and `unsupported`. */
export async function confirmPrompt(terminal: DeviceTerminal, limitMs: number): Promise<Prompt> {
  const exchange = new Exchange(
    terminal,
    { command: "" },
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

async function firstPrompt(terminal: DeviceTerminal, asks: LoginAsks, greeting: readonly string[]): Promise<void> {
  const until = monotonicMs() + asks.limitMs;
  const asked = new Set<string>();
  let answers = 0;
  while (!terminal.closed) {
    if (terminal.promptNow() !== undefined) return;
    const { revision } = terminal;
    const answer = answers < mostAnswers ? await answerTo(terminal, asks, asked) : undefined;
    if (answer !== undefined) {
      answers += 1;
      terminal.write(answer);
    }
    const left = until - monotonicMs();
    if (left <= 0) throw noPrompt(terminal);
    if (terminal.revision === revision) await terminal.changed(left);
  }
  throw closedEarly(terminal, greeting);
}

/** What to type at the line with the cursor; undefined: nothing. */
async function answerTo(terminal: DeviceTerminal, asks: LoginAsks, asked: Set<string>): Promise<string | undefined> {
  const { platform, current } = terminal;
  if (!current.cursorAtEnd || current.text.trim() === "") return undefined;
  const ask = askOf(platform.greetings, current.text);
  if (ask !== undefined && typeof ask.answer === "object") return ask.answer.text;
  if (isPager(platform, current.text)) return platform.pager.answer;
  const kind = kindOf(ask, terminal);
  if (kind === undefined) return undefined;
  if (asked.has(kind)) {
    terminal.end();
    throw refusedLogin(kind === "secret" ? "what it was given was wrong" : "it asks again for a user");
  }
  asked.add(kind);
  const answer = await asks.answer(kind, current.text.trim());
  if (answer === undefined) throw refusedLogin("there is no answer");
  return answer + platform.enter;
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
    hint: "Give the password of its line as the target's password; nothing is tried twice",
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

import { HoldfastError, delay, monotonicMs, oneLine, plainText } from "../../base/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { patiently } from "../patiently.ts";
import { AnswerChannel } from "../sudo/answer-channel.ts";
import type { PasswordAskDeps } from "../sudo/password-asks.ts";
import type { SecretAnswer } from "../sudo/secret-question.ts";
import { showForCommand } from "../x11/show-for-command.ts";
import { judgeTerminal, type TerminalAsker, type TerminalVerdict } from "./terminal-asker.ts";

/** Of what a terminal shows, this much is looked at for the prompt: a prompt is its last line. */
const promptBytes = 2_000;
const longestPrompt = 300;

/** A program that has just begun to ask may not be asleep yet: it is looked at again so often, with this pause. */
const lookAttempts = 4;
const lookPauseMs = 300;

/** Longer lines do not fit a terminal in line mode (4,096 bytes on Linux). */
const longestSecretBytes = 1_000;

/**
 * A program that asks has waited for one thing for this long when the answer is typed. One that has refused an answer sleeps for a while, with its
 * terminal still hidden where it was before (PAM: up to 3 s), and what is typed then is read by whoever comes after it.
 */
const settledMs = 4_500;

/** While a person is asked, whoever asks is looked at again when the terminal has changed, and at the latest after this time. */
const stillThereMs = 30_000;

/**
 * Programs that ask for a password on a terminal: su, doas, passwd. Nothing is ever typed because of what a terminal shows: who reads there is
 * looked at on the host before a person is asked, and once more right before the answer is typed.
 */
export class TerminalAsks {
  readonly #deps: PasswordAskDeps;
  readonly #channel: AnswerChannel;
  readonly #asking = new Set<number>();
  /** Those of which the host has told again meanwhile. */
  readonly #again = new Set<number>();
  readonly #over = new AbortController();

  constructor(deps: PasswordAskDeps) {
    this.#deps = deps;
    this.#channel = new AnswerChannel(
      () => deps.connect(),
      () => deps.directory(),
    );
  }

  /** `hidden <number>`: the terminal of this command hides what is typed. */
  line([verb, id = ""]: readonly string[]): void {
    const command = verb === "hidden" && /^\d{1,9}$/.test(id) ? this.#deps.commands().get(Number(id)) : undefined;
    if (command === undefined || this.#over.signal.aborted) return;
    if (command.hold.lent !== undefined) {
      command.life.note(
        "it hides what is typed; nobody is asked for a password on a terminal that the host does not keep",
      );
      return;
    }
    if (this.#asking.has(command.number)) {
      this.#again.add(command.number);
      return;
    }
    this.#asking.add(command.number);
    const forget = (): void => void this.#asking.delete(command.number);
    this.#serveAll(command).then(forget, forget);
  }

  close(): void {
    this.#over.abort();
    this.#channel.close();
  }

  async #serveAll(command: HostCommand): Promise<void> {
    do {
      this.#again.delete(command.number);
      await this.#serve(command);
    } while (this.#again.has(command.number) && !this.#over.signal.aborted);
  }

  async #serve(command: HostCommand): Promise<void> {
    const asker = await this.#askerOn(command);
    if (asker === undefined) return;
    const sinceMs = monotonicMs();
    const seen = command.stdoutBytes;
    const prompt = await promptOf(command);
    const answer = await this.#asked(command, asker, { prompt, seen });
    const why =
      "refused" in answer ? answer.refused : await this.#type(command, asker, { secret: answer.secret, sinceMs });
    if (why !== undefined && command.life.running) command.life.note(`${asker.kind} got no password: ${why}`);
  }

  /** Who asks there; undefined, and noted, where that is nobody whom an answer could be given to. */
  async #askerOn(command: HostCommand): Promise<TerminalAsker | undefined> {
    for (let attempt = 1; command.life.running && !this.#over.signal.aborted; attempt += 1) {
      const verdict = judgeTerminal(await patiently(() => this.#channel.terminal(command.number)));
      if (verdict.kind === "asker") return verdict.asker;
      if (verdict.kind === "none") return undefined;
      if (attempt === lookAttempts) {
        command.life.note(`it hides what is typed; nobody was asked for a password: ${verdict.why}`);
        return undefined;
      }
      await delay(lookPauseMs, this.#over.signal);
    }
    return undefined;
  }

  async #asked(
    command: HostCommand,
    asker: TerminalAsker,
    { prompt, seen }: { readonly prompt: string; readonly seen: number },
  ): Promise<SecretAnswer> {
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.#over.signal]);
    const told = command.waitsFor(`${asker.kind} asks: ${prompt}`);
    this.#untilGone(command, asker, signal).then(
      () => {
        gone.abort();
      },
      () => undefined,
    );
    const { kind, command: line } = asker;
    const about = { kind, form: "secret", program: undefined, doubt: undefined } as const;
    const showOn = showForCommand(this.#deps, command.life);
    try {
      // The same process may ask for several things in the same words, as passwd does.
      return await this.#deps.ask(
        { ...about, prompt, command: line, askerKey: `${asker.process}.${seen}`, showOn },
        signal,
      );
    } finally {
      gone.abort();
      told();
    }
  }

  /** Resolves when the program does not wait for an answer any more. */
  async #untilGone(command: HostCommand, asker: TerminalAsker, signal: AbortSignal): Promise<void> {
    let seen = command.stdoutBytes;
    while (command.life.running && !signal.aborted) {
      await command.life.changed(stillThereMs, signal);
      if (signal.aborted || command.stdoutBytes === seen) continue;
      seen = command.stdoutBytes;
      const verdict = judgeTerminal(await this.#channel.terminal(command.number));
      if (verdict.kind !== "refused" && !stillAsks(verdict, asker)) return;
    }
  }

  /** Types the answer, if it can go to the asker alone; why not, if not. */
  async #type(
    command: HostCommand,
    asker: TerminalAsker,
    { secret, sinceMs }: { readonly secret: string; readonly sinceMs: number },
  ): Promise<string | undefined> {
    if (/\p{Cc}/u.test(secret)) return "it holds a control character, which a terminal acts upon";
    if (Buffer.byteLength(secret) > longestSecretBytes) return "it is longer than a line of a terminal";
    await delay(Math.max(0, settledMs - (monotonicMs() - sinceMs)), this.#over.signal);
    let why: string | undefined;
    const judge = (lines: readonly string[]): string | undefined => {
      const verdict = judgeTerminal(lines);
      if (verdict.kind === "refused") why = `it was not given: ${verdict.why}`;
      else if (!stillAsks(verdict, asker)) why = "it does not ask any more";
      return why === undefined ? secret : undefined;
    };
    try {
      await this.#channel.type(command.number, judge);
      return why;
    } catch (error) {
      return error instanceof HoldfastError ? error.message : "the host could not be reached";
    }
  }
}

/** It is the same process, and it has not woken meanwhile. */
function stillAsks(verdict: TerminalVerdict, { process, sleeps }: TerminalAsker): boolean {
  return verdict.kind === "asker" && verdict.asker.process === process && verdict.asker.sleeps === sleeps;
}

/** The last line on the terminal: from the host, for people. */
async function promptOf(command: HostCommand): Promise<string> {
  const from = Math.max(0, command.stdoutBytes - promptBytes);
  const { bytes } = await command.read("stdout", from, promptBytes);
  const lines = plainText(Buffer.from(bytes).toString())
    .split("\n")
    .filter((line) => line.trim() !== "");
  return oneLine(lines.at(-1) ?? "", longestPrompt);
}

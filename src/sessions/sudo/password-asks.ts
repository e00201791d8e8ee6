import { HoldfastError, delay, oneLine } from "../../base/index.ts";
import type { KeyPlace, SshConnection, X11Settings } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { askingProgram } from "../host-shell/host-scripts.ts";
import { patiently } from "../patiently.ts";
import { AnswerChannel } from "./answer-channel.ts";
import type { AskingParty } from "./asking-party.ts";
import { judgeAsker, judgeReaders, stillAsks, type Asker } from "./asker.ts";
import { formOf } from "./form-of.ts";
import { gpgAnswer, gpgPrompt, longestPassphraseBytes } from "./gpg-words.ts";
import { showForCommand } from "../x11/show-for-command.ts";
import type { AskDialog, AskerKind, SecretAnswer, SecretQuestion } from "./secret-question.ts";

/** Programs that ask at the same time in one session; what asks more is broken, and gets no answer. */
const mostAsking = 64;

/** What programs print as their prompt is shown to people: about an unknown host, ssh says five hundred characters. */
const longestPrompt = 1_000;

/** A host that does not say who asks is looked at again so often, with this pause: a minute and more in all. */
const lookAttempts = 10;
const lookPauseMs = 5_000;

/** While a person is asked, the host is asked whether anybody waits for the answer: after this time, then less and less often. */
const firstGlanceMs = 3_000;
const longestGlanceMs = 15_000;

/** What is asked, but for what the session knows by itself. */
export interface SessionQuestion extends Omit<SecretQuestion, "session" | "target" | "user" | "host" | "dialog"> {
  /** Shows a text on the display of this machine, by X11. */
  showOn(display: X11Settings, ...shown: Parameters<AskDialog>): ReturnType<AskDialog>;
}

/** Asks for a secret on behalf of one session. Never rejects. */
export interface AskForSession {
  (question: SessionQuestion, signal: AbortSignal): Promise<SecretAnswer>;
  /** Whether its sudo can ask by a program of ours, as far as the settings know. Rejects as `x11`. */
  readonly sudoAskpass?: () => Promise<boolean>;
  /** The key that its sudo may be let in by, as the settings say now. Rejects when they cannot be read. */
  readonly sudoKey?: () => Promise<KeyPlace | undefined>;
  /** Whether programs of the session may show windows here, as the settings say now. Rejects when they cannot be read. */
  readonly x11?: () => Promise<"off" | X11Settings>;
}

export interface PasswordAskDeps {
  readonly ask: AskForSession;
  connect(): Promise<SshConnection>;
  /** The session's directory on its host. */
  directory(): string;
  commands(): CommandBook;
}

interface SudoAskDeps extends PasswordAskDeps {
  /** What runs as another user beside the session's shell, by the process that is sudo. */
  elevated(pid: number): AskingParty | undefined;
}

/**
 * Programs of a session that ask for a password. Each is looked at before anybody is asked and once more before it is answered; one that is
 * not what it says gets an end of file. Commands wait on the host meanwhile, whoever is connected: an attachment tells who asks.
 */
export class PasswordAsks {
  readonly #deps: SudoAskDeps;
  readonly #channel: AnswerChannel;
  readonly #asking = new Set<number>();
  readonly #over = new AbortController();

  constructor(deps: SudoAskDeps) {
    this.#deps = deps;
    this.#channel = new AnswerChannel(
      () => deps.connect(),
      () => deps.directory(),
    );
  }

  /** `ask <pid> <prompt>`: from the host, possibly a second time, and possibly from anybody who runs there. */
  line(words: readonly string[], line: string): void {
    const [verb, id = ""] = words;
    if (verb !== "ask" || !/^\d{1,10}$/.test(id) || this.#over.signal.aborted) return;
    const pid = Number(id);
    if (this.#asking.has(pid) || this.#asking.size >= mostAsking) return;
    this.#asking.add(pid);
    const forget = (): void => void this.#asking.delete(pid);
    this.#persistently(pid, oneLine(line.slice(`ask ${id} `.length), longestPrompt)).then(forget, forget);
  }

  /** A host that cannot be reached tells again who asks when it is; one that only gives us no channel does not. */
  async #persistently(pid: number, prompt: string): Promise<void> {
    for (let attempt = 1; attempt <= lookAttempts && !this.#over.signal.aborted; attempt += 1) {
      const served = await this.#serve(pid, prompt).then(
        () => true,
        () => false,
      );
      if (served) return;
      await delay(lookPauseMs, this.#over.signal);
    }
  }

  close(): void {
    this.#over.abort();
    this.#channel.close();
  }

  async #serve(pid: number, prompt: string): Promise<void> {
    const lines = await patiently(() => this.#channel.look(pid));
    const gated = (await this.#deps.ask.sudoAskpass?.().catch(() => true)) === false;
    const verdict = judgeAsker(pid, lines, { ...askingProgram(this.#deps.directory()), gated });
    if (verdict.kind === "gone") return;
    if (verdict.kind === "refused") {
      refused(this.#partyOf(verdict), "sudo", `nobody was asked: ${verdict.why}`);
      await this.#give(pid, undefined, () => undefined);
      return;
    }
    const { asker } = verdict;
    const party = this.#partyOf(asker);
    const answer = await this.#asked(asker, { pid, said: prompt }, party);
    if ("refused" in answer) {
      refused(party, asker.kind, answer.refused);
      // Whoever left the session leaves the question to who comes next.
      if (!this.#over.signal.aborted) await this.#give(pid, undefined, () => undefined);
      return;
    }
    const fault = faultOf(answer.secret, asker.kind);
    if (fault !== undefined) {
      refused(party, asker.kind, `what was given is ${fault}`);
      await this.#give(pid, undefined, () => undefined);
      return;
    }
    const secret = asker.kind === "gpg" ? gpgAnswer(answer.secret) : answer.secret;
    await this.#give(pid, { asker, secret }, (why) => {
      refused(party, asker.kind, `it was not given: ${why}`);
    });
  }

  async #asked(
    asker: Asker,
    { pid, said }: { readonly pid: number; readonly said: string },
    party: AskingParty | undefined,
  ): Promise<SecretAnswer> {
    const { kind, program, doubt, process: askerKey } = asker;
    const prompt = kind === "gpg" ? gpgPrompt(said) : said;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.#over.signal]);
    const told = party?.waitsFor(`${kind} asks: ${prompt}`);
    void party?.ended(signal).then(() => {
      gone.abort();
    });
    let left = false;
    void this.#untilGone(asker, pid, signal).then(() => {
      left = !signal.aborted;
      gone.abort();
    });
    const form = formOf(kind, said);
    try {
      const question = { kind, form, program, prompt, command: asker.command, doubt, askerKey };
      const answer = await this.#deps.ask({ ...question, showOn: showForCommand(this.#deps, party) }, signal);
      return left ? { refused: "it ended before anybody answered" } : answer;
    } finally {
      gone.abort();
      told?.();
    }
  }

  /** Resolves when the program does not wait for an answer any more, killed by somebody perhaps, or when `signal` aborts. */
  async #untilGone(asker: Asker, pid: number, signal: AbortSignal): Promise<void> {
    for (let pauseMs = firstGlanceMs; !signal.aborted; pauseMs = Math.min(pauseMs * 1.5, longestGlanceMs)) {
      await delay(pauseMs, signal);
      if (signal.aborted) return;
      // A host that cannot be reached says nothing: the program may well wait there.
      const lines = await this.#channel.still(pid).catch(() => undefined);
      if (lines !== undefined && !stillAsks(lines, asker)) return;
    }
  }

  /** Gives the answer, if it goes to the asker alone, or an end of file. `denied` is told before the command can go on. */
  async #give(
    pid: number,
    answer: { readonly asker: Asker; readonly secret: string } | undefined,
    denied: (why: string) => void,
  ): Promise<void> {
    await patiently(() =>
      this.#channel.give(pid, answer?.asker.stdout ?? "-", (lines) => {
        if (answer === undefined) return undefined;
        const why = judgeReaders(pid, lines, answer.asker);
        if (why === undefined) return answer.secret;
        denied(why);
        return undefined;
      }),
    ).catch((error: unknown) => {
      denied(error instanceof HoldfastError ? error.message : "the host could not be reached");
    });
  }

  /** A command by its number, or the one that the session's shell runs; else what runs beside that as another user. */
  #partyOf({ of, process }: Pick<Asker, "of" | "process">): AskingParty | undefined {
    if (of === undefined) return this.#deps.elevated(Number.parseInt(process, 10));
    const commands = this.#deps.commands();
    const command = of === "shell" ? commands.inFront()[0] : commands.get(of);
    return command === undefined ? undefined : partyOf(command);
  }
}

/** Programs read one line, and would take the rest for nothing or for something else; an empty one counts as a wrong password. */
function faultOf(secret: string, kind: AskerKind): string | undefined {
  if (secret === "") return "empty";
  if (kind === "gpg" && Buffer.byteLength(secret) > longestPassphraseBytes) return "longer than gpg takes";
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  return /[\u0000\n\r]/.test(secret) ? "more than one line, or has a NUL in it" : undefined;
}

function partyOf(command: HostCommand): AskingParty {
  return {
    waitsFor: (what) => command.waitsFor(what),
    note: (text) => {
      command.life.note(text);
    },
    ended: (signal) => command.life.ended(Number.MAX_SAFE_INTEGER, signal),
  };
}

function refused(party: AskingParty | undefined, kind: AskerKind, why: string): void {
  party?.note(`${kind} got no ${kind === "sudo" ? "password" : "answer"}: ${why}`);
}

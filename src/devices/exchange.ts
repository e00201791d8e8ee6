import { timeIsUp, withDeadline } from "../base/index.ts";
import type { DeviceTerminal, TerminalWatcher } from "./device-terminal.ts";
import { BlockRest } from "./block-rest.ts";
import { isEchoOf } from "./echo-of.ts";
import type { ExchangeEnd, ExchangeListener, ExchangeRequest } from "./exchange-end.ts";
import { ExchangeOutput } from "./exchange-output.ts";
import { ExchangeTimers } from "./exchange-timers.ts";
import { askOf, asksQuestion, asksSecret, mayRename, readsOnly } from "./line-kinds.ts";
import type { FinishedLine } from "./line-screen.ts";
import { OwnComments } from "./own-comments.ts";
import type { Prompt } from "./prompt.ts";

/** A device that has not echoed a command by then does not echo, or is so far behind that its prompt must not be believed alone. */
const echoLimitMs = 10_000;

/** Lines before the echo, at most: log lines that came in between. */
const mostBeforeEcho = 64;

/** A comment that was sent along is asked for again when the prompt has stood still for so long; twice that the next time, and so on. */
const againAfterMs = 2_000;
const mostAgain = 8;

/** Without a comment that tells the end, the prompt has to stand still for so long: longer than the pauses in one reply of a CLI. */
const settleMs = 400;

/** A device that does not show a comment within this time of silence, when it is looked at for the first time, shows nothing of what is typed. */
const noEchoMs = 5_000;

/** A line that looks like a question has to stand still for so long before the agent is told; behind a command that should ask nothing, longer. */
const questionMs = 250;
const oddQuestionMs = 3_000;

/** Lines of a reading command's output among which an error is looked for: a refusal is short, and what is longer may quote errors. */
const shortOutput = 12;

/**
 * One line that is typed, until the device reads the next one. That is told by a comment with a nonce: a CLI shows it behind its prompt
 * only when it reads input again, so nothing that it prints can be taken for it. It goes out with commands that only read, else
 * when something that looks like the prompt has come.
 */
export class Exchange implements TerminalWatcher {
  readonly done: Promise<ExchangeEnd>;
  readonly #terminal: DeviceTerminal;
  readonly #request: ExchangeRequest;
  readonly #listener: ExchangeListener;
  readonly #output: ExchangeOutput;
  readonly #comments: OwnComments;
  readonly #beforeEcho: string[] = [];
  readonly #timers: ExchangeTimers;
  readonly #block: BlockRest;
  #finish: (end: ExchangeEnd) => void = () => undefined;
  #over = false;
  #echoed = false;
  #reached = false;
  #question: string | undefined;
  #answeredAt = -1;
  #secretsAsked = 0;
  #again = 0;
  /** A prompt that comes now has to be asked whether it is one. */
  #toSend: boolean;
  /** It only reads: its output may quote errors, and it should ask nothing. */
  readonly #reads: boolean;
  #above = "";
  /** What stood before a comment of ours, where it is no prompt that is known. */
  #strange: string | undefined;

  constructor(terminal: DeviceTerminal, request: ExchangeRequest, listener: ExchangeListener) {
    this.#terminal = terminal;
    this.#request = request;
    this.#listener = listener;
    this.#output = new ExchangeOutput(terminal.platform, request, listener);
    this.#timers = new ExchangeTimers(() => terminal.revision);
    this.#block = new BlockRest(request.rest ?? [], request.keys);
    const { platform, echoes, pages } = terminal;
    this.#comments = new OwnComments(platform.comment ?? "");
    this.#reads = request.prepares === true || readsOnly(platform, request.command);
    const along = this.#reads && !this.#block.waits && (!pages || request.prepares === true) && echoes === true;
    this.#toSend = !along || platform.comment === undefined;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Types the line. */
  begin(): void {
    const { enter } = this.#terminal.platform;
    this.#terminal.watch(this);
    if (this.#request.command === "") {
      this.#echoed = true;
      this.onChange();
    } else this.#terminal.write(`${this.#request.command}${enter}${this.#toSend ? "" : this.#comments.next() + enter}`);
    this.#timers.later(echoLimitMs, () => this.#noEcho());
    if (this.#terminal.closed) this.onClosed();
  }

  /** How it ended; `time is up` when that takes longer than `limitMs`. */
  async within(limitMs: number): Promise<ExchangeEnd> {
    const end = await withDeadline(this.done, limitMs);
    if (end !== timeIsUp) return end;
    this.#end({ kind: "time is up" });
    return this.done;
  }

  /** Types an answer to what it asks. */
  answer(text: string): void {
    this.#ask(undefined);
    this.#answeredAt = this.#terminal.revision;
    this.#terminal.write(text);
  }

  /** Interrupts what runs there. */
  interrupt(): void {
    this.#toSend = true;
    this.#terminal.write("\u0003");
    // It may have thrown away what was typed ahead, the prompt has to be asked again.
    this.#timers.later(settleMs, () => this.onChange());
  }

  onLine(line: FinishedLine): void {
    if (this.#over) return;
    if (!this.#echoed) this.#lookForEcho(line.text);
    else if (!this.#isComment(line.text) && !this.#block.isEcho(line.text)) this.#output.add(line.text, line.continues);
    this.#above = line.text;
  }

  onChange(): void {
    if (this.#over) return;
    const { current, revision, personLeftMs } = this.#terminal;
    if (personLeftMs > 0) {
      // A comment now could get behind what they have typed.
      this.#timers.again(personLeftMs, () => this.onChange());
      return;
    }
    if (this.#question !== undefined && current.text !== this.#question) this.#ask(undefined);
    if (!this.#echoed && !this.#mayAskBeforeEcho()) return;
    if (revision === this.#answeredAt) return;
    if (this.#terminal.atPager && !this.#block.isBeingEchoed(current.text)) this.#nextPage();
    else if (!this.#answersItself(current.text)) this.#lookForEnd();
  }

  onClosed(): void {
    if (this.#over) return;
    for (const line of this.#beforeEcho.splice(0)) this.#output.add(line, false);
    this.#output.finish();
    this.#end({ kind: "closed", error: this.#output.error });
  }

  /** Some devices do not show what is typed while they ask. */
  #mayAskBeforeEcho(): boolean {
    return this.#terminal.echoes === false;
  }

  #lookForEcho(line: string): void {
    const { command } = this.#request;
    if (isEchoOf(line, command, this.#terminal.prompt?.text ?? "")) {
      this.#echoed = true;
      return;
    }
    this.#beforeEcho.push(line);
    if (this.#beforeEcho.length > mostBeforeEcho) this.#noEcho();
  }

  /** What came is output: the device shows nothing of what is typed. */
  #noEcho(): void {
    if (this.#echoed || this.#over) return;
    this.#echoed = true;
    for (const line of this.#beforeEcho.splice(0)) if (!this.#isComment(line)) this.#output.add(line, false);
    this.onChange();
  }

  /** Whether a line is the echo of a comment of ours; behind a prompt it tells that the command is over. */
  #isComment(line: string): boolean {
    const before = this.#comments.before(line);
    if (before === undefined) return this.#reached;
    const known = this.#terminal.prompt?.text ?? "";
    if (before === "") return true;
    if (this.#terminal.promptIn(before, this.#above, this.#renames) !== undefined) this.#reached = true;
    else if (known !== "" && before.endsWith(known)) {
      this.#reached = true;
      this.#output.add(before.slice(0, -known.length), false);
    } else {
      this.#strange = before;
      this.#output.brokenOff(before);
    }
    return true;
  }

  get #renames(): boolean {
    return this.#request.renamed === true || mayRename(this.#terminal.platform, this.#request.command);
  }

  #nextPage(): void {
    this.#terminal.pages = true;
    this.#answeredAt = this.#terminal.revision;
    // What was typed ahead has been taken for keys.
    this.#toSend = true;
    this.#terminal.write(this.#terminal.platform.pager.answer);
  }

  /** Whether the current line is a question that we know who answers. */
  #answersItself(line: string): boolean {
    const ask = askOf(this.#request.asks ?? [], line);
    if (ask === undefined || ask.answer === "agent" || !this.#terminal.current.cursorAtEnd) return false;
    this.#answeredAt = this.#terminal.revision;
    if (ask.answer === "secret") this.#secretsAsked += 1;
    if (this.#secretsAsked > 1) this.#end({ kind: "secret refused" });
    else if (typeof ask.answer === "object") this.answer(ask.answer.text);
    else this.#listener.onAsk(ask, line);
    return true;
  }

  #lookForEnd(): void {
    const prompt = this.#terminal.promptNow(this.#renames || this.#reached);
    if (prompt !== undefined) this.#atPrompt(prompt);
    else if (this.#block.waits) this.#timers.standsStill(settleMs, () => this.#sendBlock());
    else if (this.#reached) return;
    else this.#lookAtOther(this.#terminal.current.text);
  }

  #atPrompt(prompt: Prompt): void {
    const { platform, echoes } = this.#terminal;
    if (this.#reached) {
      this.#terminal.echoes = true;
      this.#conclude(prompt, true);
    } else if (platform.comment === undefined || echoes === false) {
      this.#timers.standsStill(settleMs, () => this.#conclude(prompt, false));
    } else if (this.#toSend) this.#sendNonce();
    else if (echoes === undefined) this.#timers.standsStill(noEchoMs, () => this.#withoutEcho(prompt));
    else if (this.#again < mostAgain) {
      this.#timers.standsStill(againAfterMs * 2 ** this.#again, () => this.#sendAgain());
    }
  }

  /** No prompt has come: it waits for the rest. */
  #sendBlock(): void {
    this.#terminal.write(this.#block.take(this.#terminal.platform.enter));
    this.#timers.later(settleMs, () => this.onChange());
  }

  #withoutEcho(prompt: Prompt): void {
    this.#terminal.echoes = false;
    this.#conclude(prompt, false);
  }

  #sendAgain(): void {
    this.#again += 1;
    this.#sendNonce();
    this.#lookForEnd();
  }

  #sendNonce(): void {
    this.#toSend = false;
    this.#terminal.write(this.#comments.next() + this.#terminal.platform.enter);
  }

  /** The line is no prompt that is known: a question, or a prompt of another kind. */
  #lookAtOther(text: string): void {
    if (!this.#terminal.current.cursorAtEnd || text.trim() === "" || this.#question !== undefined) return;
    if (text.trimEnd() === this.#strange) this.#timers.standsStill(settleMs, () => this.#concludeStrange(text));
    else if (this.#isQuestion(text)) {
      this.#timers.standsStill(this.#reads ? oddQuestionMs : questionMs, () => this.#ask(text));
    } else if (/[?:]\s*$/.test(text)) this.#timers.standsStill(oddQuestionMs, () => this.#ask(text));
    else if (/[>#$%\])]\s?$/.test(text) && this.#toSend && this.#terminal.platform.comment !== undefined) {
      this.#timers.standsStill(oddQuestionMs, () => this.#sendNonce());
    }
  }

  #isQuestion(text: string): boolean {
    const { platform } = this.#terminal;
    return asksQuestion(platform, text) || asksSecret(platform, text);
  }

  /** The same line before and behind a comment: a prompt that the platform's definition does not have. */
  #concludeStrange(text: string): void {
    this.#output.whole();
    const mode = { name: "unknown", kind: "other", prompt: /^/, above: undefined, needsAbove: false } as const;
    this.#conclude({ mode, text: text.trimEnd(), host: "", context: "", hasAbove: false }, true);
  }

  #ask(question: string | undefined): void {
    this.#question = question;
    this.#listener.onQuestion(question?.trimEnd());
  }

  #conclude(prompt: Prompt, sure: boolean): void {
    const { error, lines } = this.#output;
    const quoted = this.#reads && lines > shortOutput;
    const untaken = this.#block.waits ? "the device did not take the line for the beginning of a block" : undefined;
    this.#end({ kind: "prompt", prompt, error: quoted ? untaken : (error ?? untaken), sure });
  }

  #end(end: ExchangeEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.cancel();
    this.#terminal.watch(undefined);
    if (end.kind === "prompt") this.#terminal.learn(end.prompt);
    this.#finish(end);
  }
}

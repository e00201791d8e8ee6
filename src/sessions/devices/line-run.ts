import { monotonicMs } from "../../base/index.ts";
import {
  asksSecret,
  Exchange,
  stepOf,
  type ExchangeEnd,
  type PlatformAsk,
  type PlatformStep,
  type TypedLine,
} from "../../devices/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { AskSecret } from "./device-asks.ts";
import type { DeviceLine } from "./device-line.ts";
import type { PendingChanges } from "./pending-changes.ts";
import type { DeviceRun } from "./device-run.ts";

/** How long an interrupted command may take to give the prompt back, before whoever stopped it is answered. */
const interruptMs = 5_000;

export interface LineRunDeps {
  readonly line: DeviceLine;
  readonly lines: readonly TypedLine[];
  readonly command: HostCommand;
  /** Of its terminal. */
  readonly changes: PendingChanges;
  /** A person has typed on its terminal. */
  taken(): boolean;
  output(text: string): void;
  readonly askEnable: AskSecret;
  /** Who types what else the device wants to be kept secret. */
  readonly askOnConsole: AskSecret;
}

/** What is typed to leave a device: that its terminal is gone then is what was wanted. */
const leaves = /^\s*(?:exit|quit|logout|logoff|bye)\s*$/i;

type Outcome = { readonly kind: "done"; readonly error?: string } | { readonly kind: "lost"; readonly reason: string };

/** One command on a device: its lines one by one, each when the device is ready for it; the first that fails is the last. */
export class LineRun implements DeviceRun {
  readonly command: HostCommand;
  /** Resolves when the terminal is free again, or gone. Never rejects. */
  readonly done: Promise<void>;
  readonly #deps: LineRunDeps;
  #exchange: Exchange | undefined;
  #stopped = false;
  /** Why there was no password to give. */
  #refused: string | undefined;
  #wrong: () => void = () => undefined;
  #outcome: Outcome = { kind: "lost", reason: "it did not run" };

  constructor(deps: LineRunDeps) {
    this.#deps = deps;
    this.command = deps.command;
    this.done = this.#runAll();
  }

  /** Writes the end into the command. */
  tell(): void {
    const { command } = this;
    command.life.asks(undefined);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    if (this.#outcome.kind === "lost") command.lost(this.#outcome.reason);
    else command.life.doneOnDevice(this.#outcome.error);
  }

  /** Types what the agent answers. */
  type(text: string): void {
    const { enter } = this.#deps.line.terminal.platform;
    this.#exchange?.answer(text.replaceAll(/\r?\n/g, enter));
  }

  /** Ctrl-C; resolves when the prompt is back, or after 5 s. */
  async interrupt(): Promise<void> {
    this.#stopped = true;
    this.#exchange?.interrupt();
    await this.command.life.ended(interruptMs);
  }

  async #runAll(): Promise<void> {
    const { lines } = this.#deps;
    for (const [at, line] of lines.entries()) {
      if (at > 0 && this.#deps.taken()) {
        this.#failedAt(at - 1, "a person has taken the line over behind it");
        break;
      }
      const outcome = await this.#runOne(line, lines.length > 1);
      this.#outcome = outcome;
      if (outcome.kind === "lost") return;
      if (outcome.error !== undefined) {
        this.#failedAt(at, outcome.error);
        break;
      }
      if (this.#deps.line.terminal.closed) {
        if (at + 1 < lines.length) this.#failedAt(at, "it closed the terminal");
        return;
      }
      if (this.#stopped && at + 1 < lines.length) {
        this.command.life.note(`stopped behind line ${line.number + line.rest.length} of ${this.#count}`);
        break;
      }
    }
    if (!this.#deps.taken()) await this.#deps.line.prepare();
    for (const note of this.#deps.changes.notes(this.#deps.line.terminal)) this.command.life.note(note);
  }

  #failedAt(at: number, error: string): void {
    const { lines } = this.#deps;
    if (lines.length === 1) return;
    const { number = 0 } = lines[at] ?? {};
    const next = lines[at + 1]?.number;
    this.#outcome = { kind: "done", error: `line ${number} of ${this.#count}: ${error}` };
    if (next === undefined) return;
    const rest = next === this.#count ? `line ${next} was` : `lines ${next} to ${this.#count} were`;
    this.command.life.note(`${rest} not sent`);
  }

  /** Lines of the command, those of blocks among them. */
  get #count(): number {
    const last = this.#deps.lines.at(-1);
    return last === undefined ? 0 : last.number + last.rest.length;
  }

  async #runOne(line: TypedLine, several: boolean): Promise<Outcome> {
    const { text, rest } = line;
    const { terminal } = this.#deps.line;
    const step = stepOf(terminal.platform, text);
    const more = rest.length === 0 ? "" : ` ... and ${rest.length} more lines`;
    if (several) this.#deps.output(`${terminal.prompt?.text ?? ""} ${text}${more}\n`);
    const before = terminal.prompt?.mode.kind;
    const beganMs = monotonicMs();
    const { exchange, end } = this.#begin(line, step?.step);
    this.#exchange = exchange;
    const outcome = this.#outcomeOf(await end, step?.step, leaves.test(text));
    this.#exchange = undefined;
    if (outcome.kind === "done" && outcome.error !== undefined) return outcome;
    const { changes } = this.#deps;
    const taken = { text, step, before, beganMs };
    const note = await (outcome.kind === "lost" ? changes.lost(taken, terminal) : changes.took(taken, terminal));
    if (note !== undefined) this.command.life.note(note);
    return outcome;
  }

  #begin(
    { text: command, rest, keys }: TypedLine,
    step: PlatformStep | undefined,
  ): { readonly exchange: Exchange; readonly end: Promise<ExchangeEnd> } {
    const { asks = [], refusals = [] } = step ?? {};
    const exchange: Exchange = new Exchange(
      this.#deps.line.terminal,
      { command, rest, keys, asks, refusals },
      {
        onOutput: (piece) => {
          this.#deps.output(piece);
        },
        onQuestion: (question) => {
          this.command.life.asks(question);
          if (question !== undefined && asksSecret(this.#deps.line.terminal.platform, question)) {
            void this.#askPerson(exchange, question);
          }
        },
        onAsk: (ask, line) => void this.#answer(exchange, ask, line),
      },
    );
    exchange.begin();
    return { exchange, end: exchange.done };
  }

  async #answer(exchange: Exchange, ask: PlatformAsk, line: string): Promise<void> {
    const { terminal } = this.#deps.line;
    if (ask.answer !== "secret") return;
    const told = this.command.waitsFor(`${this.#deps.lines.length > 1 ? "a line" : "it"} asks: ${line.trim()}`);
    const answer = await this.#deps.askEnable(line.trim());
    told();
    if ("secret" in answer) {
      this.#wrong = answer.wrong;
      exchange.answer(answer.secret + terminal.platform.enter);
    } else {
      this.#refused = answer.refused;
      // Whatever is typed at such a prompt counts as a wrong password.
      this.#deps.line.close();
    }
  }

  /** Agents type no secrets: a person does, or where there is none whoever reads that it asks. */
  async #askPerson(exchange: Exchange, question: string): Promise<void> {
    const told = this.command.waitsFor(`it asks: ${question}`);
    const answer = await this.#deps.askOnConsole(question);
    told();
    if (this.#exchange !== exchange || this.command.life.question !== question) return;
    if ("secret" in answer) exchange.answer(answer.secret + this.#deps.line.terminal.platform.enter);
    else this.command.life.note(`no password: ${answer.refused}`);
  }

  /** `left`: the line was to leave the device. */
  #outcomeOf(end: ExchangeEnd, step: PlatformStep | undefined, left: boolean): Outcome {
    if (left && end.kind === "closed") return { kind: "done" };
    if (end.kind === "prompt") {
      if (end.error !== undefined) this.#wrong();
      if (!end.sure) this.command.life.note("its end was told by the prompt alone: nothing typed is shown");
      return { kind: "done", ...(end.error === undefined ? {} : { error: end.error }) };
    }
    if (end.kind === "secret refused") {
      this.#wrong();
      this.#deps.line.close();
      return {
        kind: "done",
        error: `the ${step === undefined ? "" : `${step.command} `}password was refused; it was tried once`,
      };
    }
    if (this.#refused !== undefined) return { kind: "done", error: `no password: ${this.#refused}` };
    if (this.#stopped) return { kind: "done" };
    return { kind: "lost", reason: `${this.#why()}; the outcome is unknown` };
  }

  #why(): string {
    return this.#deps.line.connection.closed ? "the connection was lost" : "the device closed its terminal";
  }
}

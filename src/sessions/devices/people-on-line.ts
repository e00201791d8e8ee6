import { HoldfastError, monotonicMs, oneLine } from "../../base/index.ts";
import { confirmPrompt } from "../../devices/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { TerminalSize } from "../session-api.ts";
import type { LocalCommands } from "../shells/local-commands.ts";
import type { DeviceLine } from "./device-line.ts";
import { LineView } from "./line-view.ts";

/** What a person has typed last may still have to be answered; and how long the device may take to show its prompt again. */
const answerMs = 2_000;
const promptLimitMs = 20_000;

/** People who look at a session's own line on a device, and type there: one view for all of them. */
export class PeopleOnLine {
  readonly #session: string;
  readonly #commands: LocalCommands;
  #view: LineView | undefined;
  /** One has typed since a prompt was confirmed. */
  #touched = false;

  constructor(session: string, commands: LocalCommands) {
    this.#session = session;
    this.#commands = commands;
  }

  /** A person has typed since a prompt was confirmed: what stands on the line may be theirs. */
  get touched(): boolean {
    return this.#touched;
  }

  /** The line as a command on a terminal. */
  watch(line: DeviceLine, size: TerminalSize): HostCommand {
    const view =
      this.#view ??
      new LineView({
        line,
        commands: this.#commands,
        size,
        typed: () => {
          this.#touched = true;
        },
        over: () => {
          this.#view = undefined;
        },
      });
    this.#view = view;
    view.command.floor = this.#session;
    return view.command;
  }

  /**
   * What a person has left on the line has to be a prompt, of whatever mode: that is learned anew. True when it was. Rejects with
   * `session_busy` when something else stands there, and as confirming it does.
   */
  async haveLeft({ terminal }: DeviceLine): Promise<boolean> {
    if (!this.#touched) return false;
    const until = monotonicMs() + answerMs;
    while (terminal.promptNow(true) === undefined && !terminal.closed && monotonicMs() < until) {
      await terminal.changed(until - monotonicMs());
    }
    if (terminal.promptNow(true) === undefined) {
      const left = oneLine(terminal.current.text, 120);
      throw new HoldfastError("session_busy", `a person has left the line of ${this.#session} at: ${left}`, {
        hint: `Have them finish it with holdfast attach ${this.#session}, or close the session`,
      });
    }
    await confirmPrompt(terminal, promptLimitMs, true);
    this.#touched = false;
    return true;
  }

  /** The line is gone. */
  gone(why: string): void {
    this.#touched = false;
    this.#view?.end(why);
  }
}

import type { HostCommand } from "../commands/host-command.ts";
import type { TerminalSize } from "../session-api.ts";
import type { LocalCommands } from "../shells/local-commands.ts";
import type { DeviceLine } from "./device-line.ts";

interface LineViewParts {
  readonly line: DeviceLine;
  readonly commands: LocalCommands;
  readonly size: TerminalSize;
  /** Somebody has typed on the line: what stands there is theirs. */
  readonly typed: () => void;
  /** Nobody looks any more, or the line is gone. */
  readonly over: () => void;
}

/** A device's own line as a command on a terminal, for people: what comes and goes there, and what they type. It ends with the line, or when it is stopped. */
export class LineView {
  readonly command: HostCommand;
  readonly #over: () => void;

  constructor({ line, commands, size, typed, over }: LineViewParts) {
    const command = commands.begin(
      { text: "(the device's own line)", stdinGiven: false, terminal: size },
      {
        input: async (_, text) => {
          typed();
          // A terminal sends what its Enter key means; devices have their own.
          line.terminal.writeForPerson(text.replaceAll(/\r?\n|\r/g, line.terminal.platform.enter));
          return Promise.resolve();
        },
        eof: async () => Promise.resolve(),
        stop: async () => {
          this.end();
          return Promise.resolve();
        },
      },
    );
    this.command = command;
    const untap = line.tap((bytes) => commands.output(command, "stdout", bytes));
    this.#over = () => {
      untap();
      over();
    };
  }

  /** It is over; what runs on the line goes on. */
  end(why?: string): void {
    const { command } = this;
    if (!command.life.running) return;
    if (why !== undefined) command.life.note(why);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    command.life.doneOnDevice(undefined);
    this.#over();
  }
}

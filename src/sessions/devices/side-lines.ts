import { after, HoldfastError, messageOf } from "../../base/index.ts";
import type { Platform } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { DeviceLine } from "./device-line.ts";
import type { AskSecret } from "./device-asks.ts";
import { mayRaise, raise } from "./raise.ts";

/** Terminals beside the session's own: devices have five or sixteen for everybody. */
const mostLines = 3;

/** One that is free is kept for so long: a login costs more than a command, and somebody else may want the terminal. */
const keptMs = 30_000;

export interface SideLinesDeps {
  readonly session: string;
  openLine(connection: SshConnection, platform: Platform): Promise<DeviceLine>;
  readonly askEnable: AskSecret;
}

/** Terminals of the same connection for commands that run beside another one, each logged in by itself. */
export class SideLines {
  readonly #deps: SideLinesDeps;
  readonly #busy = new Set<DeviceLine>();
  /** With what ends the wait for their next command. */
  readonly #free = new Map<DeviceLine, () => void>();
  #closed = false;

  constructor(deps: SideLinesDeps) {
    this.#deps = deps;
  }

  /** One in the same mode as `main`, where `busy` runs, new or free. Rejects with `session_busy`, which says why there is none, and `connection_lost`. */
  async take(main: DeviceLine, busy: HostCommand | undefined): Promise<DeviceLine> {
    try {
      return await this.#take(main);
    } catch (error) {
      if (main.connection.closed) throw error;
      const { session } = this.#deps;
      const runs = busy === undefined ? "" : `${busy.id} runs on the terminal of ${session}, and `;
      throw new HoldfastError("session_busy", `${runs}there is no second terminal for this: ${messageOf(error)}`, {
        hint: "Wait for what runs with ssh_read, answer it with ssh_input or stop it with ssh_stop",
      });
    }
  }

  async #take(main: DeviceLine): Promise<DeviceLine> {
    const mode = modeBeside(main);
    const line = this.#takeFree(mode) ?? (await this.#open(main));
    const { prompt } = line.terminal;
    if (!this.#closed && prompt?.mode.name === mode) {
      this.#busy.add(line);
      return line;
    }
    line.close();
    const closed = "the session was closed";
    throw none(
      this.#closed ? closed : `a second terminal is at ${prompt?.text ?? "no prompt"}, not in the mode ${mode}`,
    );
  }

  #takeFree(mode: string): DeviceLine | undefined {
    const found = [...this.#free].find(([line]) => line.terminal.prompt?.mode.name === mode);
    if (found === undefined) return undefined;
    const [line, cancel] = found;
    cancel();
    this.#free.delete(line);
    return line;
  }

  /** Its command is over. False when it was closed because it was left in another mode than the one that it began in. */
  give(line: DeviceLine, mode: string): boolean {
    this.#busy.delete(line);
    const same = line.terminal.prompt?.mode.name === mode;
    if (this.#closed || line.terminal.closed || !same) {
      const closed = line.terminal.closed;
      line.close();
      return same || closed;
    }
    const cancel = after(keptMs, () => {
      this.#free.delete(line);
      line.close();
    });
    this.#free.set(line, cancel);
    line.onGone = () => {
      cancel();
      this.#free.delete(line);
    };
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#free.values()) cancel();
    for (const line of [...this.#free.keys(), ...this.#busy]) line.close();
    this.#free.clear();
    this.#busy.clear();
  }

  async #open(main: DeviceLine): Promise<DeviceLine> {
    const most = this.#busy.size + this.#free.size >= mostLines;
    if (most) {
      const [spare] = this.#free.keys();
      if (spare === undefined) throw none(`${mostLines} commands run beside it already`);
      spare.close();
    }
    const line = await this.#deps.openLine(main.connection, main.terminal.platform);
    if (main.terminal.prompt?.mode.kind !== "privileged" || !mayRaise(line)) return line;
    const problem = await raise(line, this.#deps.askEnable);
    if (problem === undefined) return line;
    line.close();
    throw none(`of a second terminal: ${problem}`);
  }
}

/** The mode in which a second terminal can be like this one: another would have to be gone into, with what that does on the device. */
function modeBeside({ terminal }: DeviceLine): string {
  const { name = "unknown", kind } = terminal.prompt?.mode ?? {};
  if (kind === "user" || kind === "privileged") return name;
  throw none(`it is in the mode ${name}, where a second terminal would not be`);
}

function none(why: string): HoldfastError {
  return new HoldfastError("unsupported", why);
}

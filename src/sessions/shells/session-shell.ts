import type { HoldfastError } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { DistantProcess } from "../host-shell/out-of-reach.ts";
import type { KeyMark } from "../host-shell/key-mark.ts";
import type { Elevation } from "../sudo/elevation.ts";
import type { RunRequest, TerminalSize } from "../session-api.ts";

/** What carries a session on its host: rungs of the ladder, best first, the command line of a network device, and a Windows host. */
export type Rung = "host" | "connection" | "exec" | "device" | "windows";

/** What a session needs of whatever runs its commands; every rung of the ladder is one of these. */
export interface SessionShell {
  readonly commands: CommandBook;
  readonly attached: boolean;
  /** Why the session is gone for good; undefined while it may be there. */
  readonly lost: HoldfastError | undefined;
  /** The number that the next command gets, as far as is known here. */
  readonly next: number;
  /** What is kept on the host; "" where nothing is. */
  readonly directory: string;
  readonly workingDirectory: string | undefined;
  /** What was noticed while it began, for whoever opens it. */
  readonly remark?: string | undefined;
  /** What is not finished there and takes no effect, or is taken back, when it ends now. */
  readonly unfinished?: string | undefined;
  /** Who types on the one line of its commands is settled under this name. */
  readonly floor?: string | undefined;
  /** Runs programs as another user, with whom it is asked for a password; only where something is kept on the host. */
  readonly elevation?: Elevation;
  /** That line, for people. Rejects as `attach` does, and with `unsupported`. */
  watchLine?(size: TerminalSize): Promise<HostCommand>;
  /** Makes sure that commands can be run now. Rejects with `session_lost` and whatever connecting says. */
  attach(): Promise<void>;
  /** Starts a command. Rejects with `bad_input`, `too_large`, `unsupported`, `session_busy`, `limit_reached`, and as `attach` does. */
  run(request: RunRequest): Promise<HostCommand>;
  /** The command that was started with the key of the mark; only where something is kept on the host. Rejects with `bad_input`. */
  earlier?(mark: KeyMark): Promise<HostCommand | undefined>;
  /**
   * A command that stands for work of this process and runs nothing, on hosts that could not hold one: fed lines behind `>` are its output, and
   * `exit <status>` is its end. Throws `limit_reached`.
   */
  standIn?(text: string): HostCommand;
  /** Rejects with `command_unknown`. */
  command(number: number): Promise<HostCommand>;
  /**
   * Ends the session on the host; resolves when it is gone there, or will be soon, or `limitMs` has passed: with the processes, if any, that its user
   * could not signal until then.
   */
  quit(limitMs: number): Promise<readonly DistantProcess[] | void>;
  /** Lets go of the connection; what lives on the host stays there. */
  detach(): Promise<void>;
}

import { HoldfastError, asHoldfastError } from "../../base/index.ts";
import type { RunRequest } from "../session-api.ts";
import type { Riding } from "./riding.ts";

/** Longer commands wait for the session: a server takes only so much before it has said anything. */
const longestRideBytes = 64 * 1024;

/** Errors that say what the host is: it has heard everything and done nothing. */
const verdicts: readonly string[] = ["unsupported", "bad_input", "session_unknown", "session_lost"];

/** The first command of a session that is yet to be made. */
export interface FirstCommand {
  readonly request: RunRequest;
  /** The number that it gets. */
  readonly number: number;
  readonly flight: FirstFlight;
}

/**
 * What is known of a first command that goes out with its session's making: it rides along once, however often the making is tried, and it may
 * have run as soon as it has left.
 */
export class FirstFlight {
  #rode = false;
  #left = false;

  /** Rides along with the attachment, the first time; undefined where it has to wait for what the host says. */
  riding(lines: readonly string[]): Riding | undefined {
    const size = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    if (this.#rode || size > longestRideBytes) return undefined;
    this.#rode = true;
    return {
      lines,
      sent: () => {
        this.#left = true;
      },
      dropped: () => {
        this.#left = false;
      },
    };
  }

  /** The error for a session that could not be made: where the command may have run, it says so. */
  failure(thrown: unknown, session: string): HoldfastError {
    const error = asHoldfastError(thrown);
    if (!this.#left || verdicts.includes(error.code)) return error;
    return new HoldfastError(
      "connection_lost",
      `the connection was lost while the first command was on its way to ${session}; whether it ran is unknown: ${error.message}`,
      {
        hint: "Check its effects on the host before you run it again; ssh_list with the target finds its session",
        cause: error,
      },
    );
  }
}

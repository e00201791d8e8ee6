import { variable, type Environment } from "./environment.ts";
import { invalidVariable, wholeNumber } from "./whole-number.ts";

/** How sessions are kept on their hosts. */
export interface SessionLimits {
  /** A session that nobody was attached to for about this long ends by itself (60 s to a year). */
  readonly idleS: number;
  /** Output kept per command (64 KiB to 16 GiB). */
  readonly spoolBytes: number;
  /** What happens to a command that prints more: the rest is read and dropped, or the command is ended. */
  readonly whenFull: "drain" | "stop";
  /** The directory on hosts that is tried first for sessions; "": /var/tmp, /tmp, ~/.cache, the home directory. */
  readonly directory: string;
}

const defaultIdleS = 7 * 24 * 3600;
const defaultSpoolBytes = 256 * 1024 * 1024;

/**
 * Reads HOLDFAST_SESSION_IDLE_S, HOLDFAST_SPOOL_BYTES, HOLDFAST_SPOOL_FULL and HOLDFAST_HOST_DIRECTORY. Throws `config_invalid` for a value
 * that cannot be meant.
 */
export function readSessionLimits(env: Environment = process.env): SessionLimits {
  const whenFull = variable(env, "HOLDFAST_SPOOL_FULL") ?? "drain";
  if (whenFull !== "drain" && whenFull !== "stop") {
    throw invalidVariable("HOLDFAST_SPOOL_FULL", whenFull, "drain or stop");
  }
  const directory = variable(env, "HOLDFAST_HOST_DIRECTORY") ?? "";
  if (directory !== "" && !/^\/[^'\n]*$/.test(directory)) {
    throw invalidVariable("HOLDFAST_HOST_DIRECTORY", directory, "an absolute path without quotes");
  }
  return {
    idleS: numberIn(env, "HOLDFAST_SESSION_IDLE_S", [60, 31_536_000]) ?? defaultIdleS,
    spoolBytes: numberIn(env, "HOLDFAST_SPOOL_BYTES", [65_536, 16 * 1024 ** 3]) ?? defaultSpoolBytes,
    whenFull,
    directory,
  };
}

function numberIn(env: Environment, name: string, [least, most]: readonly [number, number]): number | undefined {
  const text = variable(env, name);
  return text === undefined ? undefined : wholeNumber(text, { name, least, most });
}

import { HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";

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
  if (whenFull !== "drain" && whenFull !== "stop") throw invalid("HOLDFAST_SPOOL_FULL", whenFull, "drain or stop");
  const directory = variable(env, "HOLDFAST_HOST_DIRECTORY") ?? "";
  if (directory !== "" && !/^\/[^'\n]*$/.test(directory)) {
    throw invalid("HOLDFAST_HOST_DIRECTORY", directory, "an absolute path without quotes");
  }
  return {
    idleS: wholeNumber(env, { name: "HOLDFAST_SESSION_IDLE_S", least: 60, most: 31_536_000, otherwise: defaultIdleS }),
    spoolBytes: wholeNumber(env, {
      name: "HOLDFAST_SPOOL_BYTES",
      least: 65_536,
      most: 16 * 1024 ** 3,
      otherwise: defaultSpoolBytes,
    }),
    whenFull,
    directory,
  };
}

interface NumberRule {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function wholeNumber(env: Environment, rule: NumberRule): number {
  const text = variable(env, rule.name);
  if (text === undefined) return rule.otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= rule.least && value <= rule.most) return value;
  throw invalid(rule.name, text, `a whole number from ${rule.least} to ${rule.most}`);
}

function invalid(name: string, value: string, wanted: string): HoldfastError {
  return new HoldfastError("config_invalid", `${name} is ${JSON.stringify(value.slice(0, 80))}`, {
    hint: `Set it to ${wanted}, or unset it`,
  });
}

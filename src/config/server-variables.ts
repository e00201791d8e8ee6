import { HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import type { SettingsLayer, Sourced } from "./settings-layer.ts";

/** The variables that set something for all targets of this server. */
export const serverVariableNames = [
  "SSH_CONNECT_TIMEOUT",
  "SSH_COMMAND_TIMEOUT",
  "SSH_MAX_RETRIES",
  "SSH_RETRY_DELAY_MS",
  "SSH_COMPRESSION",
  "SSH_INACTIVITY_TIMEOUT",
] as const;

type Name = (typeof serverVariableNames)[number];

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  /** What one of the variable's units is in ours. */
  readonly factor: number;
}

/** A year: longer than anything that is meant. */
const longestS = 31_536_000;

function numberOf(env: Environment, name: Name, range: Range): Sourced<number> | undefined {
  const text = variable(env, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.least && value <= range.most && (!range.whole || Number.isInteger(value))) {
    return { value: value * range.factor, origin: name };
  }
  const kind = range.whole ? "whole number" : "number";
  throw invalid(name, text, `a ${kind} from ${range.least} to ${range.most}`);
}

function booleanOf(env: Environment, name: Name): Sourced<boolean> | undefined {
  const text = variable(env, name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (["1", "true", "yes", "on"].includes(text)) return { value: true, origin: name };
  if (["0", "false", "no", "off"].includes(text)) return { value: false, origin: name };
  throw invalid(name, text, "true or false");
}

function invalid(name: string, value: string, wanted: string): HoldfastError {
  return new HoldfastError("config_invalid", `${name} is ${JSON.stringify(value.slice(0, 80))}`, {
    hint: `Set it to ${wanted}, or unset it`,
  });
}

/** What SSH_CONNECT_TIMEOUT and its siblings say about all targets. Throws `config_invalid` for a value that cannot be meant. */
export function serverVariables(env: Environment): SettingsLayer {
  const inSeconds = { least: 0.001, most: longestS, whole: false, factor: 1_000 };
  return {
    connectTimeoutMs: numberOf(env, "SSH_CONNECT_TIMEOUT", { ...inSeconds, most: 600 }),
    commandTimeoutMs: numberOf(env, "SSH_COMMAND_TIMEOUT", inSeconds),
    retries: numberOf(env, "SSH_MAX_RETRIES", { least: 0, most: 10, whole: true, factor: 1 }),
    retryDelayMs: numberOf(env, "SSH_RETRY_DELAY_MS", { least: 0, most: 60_000, whole: true, factor: 1 }),
    compression: booleanOf(env, "SSH_COMPRESSION"),
    inactivityMs: numberOf(env, "SSH_INACTIVITY_TIMEOUT", inSeconds),
  };
}

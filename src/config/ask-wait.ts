import { HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";

/** Below the 60 s after which the strictest common client gives up on a call: it must see why the call waited. */
const defaultAskWaitS = 50;

/** How long a question to a person waits that no client shows and nobody looks at. Reads HOLDFAST_ASK_WAIT_S; throws `config_invalid`. */
export function readAskWaitMs(env: Environment = process.env): number {
  const text = variable(env, "HOLDFAST_ASK_WAIT_S");
  if (text === undefined) return defaultAskWaitS * 1_000;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= 300) return seconds * 1_000;
  throw new HoldfastError("config_invalid", `HOLDFAST_ASK_WAIT_S is ${JSON.stringify(text.slice(0, 80))}`, {
    hint: "Set it to a whole number of seconds from 0 to 300, or unset it",
  });
}

import { variable, type Environment } from "./environment.ts";
import { wholeNumber } from "./whole-number.ts";

const name = "HOLDFAST_CHANNELS_PER_CONNECTION";

/** The most session channels to open on one connection (2 to 1,000), if the environment says it. Throws `config_invalid` for what cannot be meant. */
export function channelsPerConnection(env: Environment = process.env): number | undefined {
  const text = variable(env, name);
  return text === undefined ? undefined : wholeNumber(text, { name, least: 2, most: 1_000 });
}

import { HoldfastError } from "../base/index.ts";

interface NumberRule {
  /** Of the variable that has the text. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/** The whole number in the text of a variable. Throws `config_invalid` for anything else. */
export function wholeNumber(text: string, { name, least, most }: NumberRule): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalidVariable(name, text, `a whole number from ${least} to ${most}`);
}

/** The `config_invalid` of a variable whose value cannot be meant. */
export function invalidVariable(name: string, value: string, wanted: string): HoldfastError {
  return new HoldfastError("config_invalid", `${name} is ${JSON.stringify(value.slice(0, 80))}`, {
    hint: `Set it to ${wanted}, or unset it`,
  });
}

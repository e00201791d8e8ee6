/** What a person filled in, by name of the parameter. */
export type PromptArguments = Readonly<Record<string, string>>;

/** One parameter of a prompt. */
interface PromptParameter {
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  /** What is proposed while a person types; several targets are separated by commas. */
  readonly completes?: "target" | "targets";
}

/** A way of working with the tools that a person can start by name. */
export interface PromptEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly PromptParameter[];
  /** The message to the agent; required arguments are there. */
  write(args: PromptArguments): string;
}

/** What a person filled in, trimmed; undefined where there is nothing. */
export function filledIn(args: PromptArguments, name: string): string | undefined {
  const value = args[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
}

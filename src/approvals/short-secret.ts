import type { QuestionField } from "./question.ts";

/** Shorter secrets are words of everyday output, which would be mangled: they are not replaced there. */
export const shortestSecret = 6;

/** What a person should know who has typed a hidden value that is too short to be kept out of output; undefined where there is none. */
export function shortSecretNote(
  fields: readonly Pick<QuestionField, "hidden">[],
  values: readonly string[],
): string | undefined {
  const isShort = values.some(
    (value, at) => fields[at]?.hidden === true && value !== "" && value.length < shortestSecret,
  );
  return isShort
    ? `What you typed has fewer than ${shortestSecret} characters, too few to be kept out of output that shows it. Choose a longer one.`
    : undefined;
}

import type { ErrorCode } from "../../src/base/index.ts";
import type { Reply } from "../helpers/reply.ts";

/** What a reply must be when nothing could be done. */
export interface Refusal {
  readonly codes: readonly ErrorCode[];
  /** What the one who reads it has to find in it. */
  readonly mentions?: readonly (string | RegExp)[];
  /** What must not be in it: secrets, above all. */
  readonly never?: readonly string[];
}

/** How `reply` differs from `<code>: <what happened>. <what to do next>.` on one line; undefined when it does not. */
export function wrongError(reply: Reply, refusal: Refusal): string | undefined {
  const text = JSON.stringify(reply.text.slice(0, 600));
  if (!reply.isError) return `no error: ${text}`;
  const form = /^(?<code>[a-z_]+): (?<what>[^\n]+?)\. (?<next>[^\n]+)\.$/.exec(reply.text.trimEnd())?.groups;
  if (form === undefined) return `not "<code>: <what>. <next step>.": ${text}`;
  if (!refusal.codes.some((code) => code === form["code"])) {
    return `the code is none of ${refusal.codes.join(", ")}: ${text}`;
  }
  if (reply.text.length > 1_500) return `${String(reply.text.length)} characters: ${text}`;
  for (const mention of refusal.mentions ?? []) {
    const found = typeof mention === "string" ? reply.text.includes(mention) : mention.test(reply.text);
    if (!found) return `${String(mention)} is not mentioned: ${text}`;
  }
  const secret = refusal.never?.find((word) => reply.text.includes(word));
  return secret === undefined ? undefined : `it shows what it must not (${secret}): ${text}`;
}

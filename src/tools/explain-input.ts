import type { z } from "zod";
import { HoldfastError } from "../base/index.ts";

interface Describable {
  readonly description?: string | undefined;
}

/** The `bad_input` error for arguments that a schema refused: names the first wrong one and lists what the tool knows. */
export function explainInput(tool: string, shape: Readonly<Record<string, unknown>>, error: z.ZodError): HoldfastError {
  // A misspelt name also shows as a missing one: the unknown name explains both.
  const issue =
    error.issues.find((one) => one.code === "unrecognized_keys" && one.path.length === 0) ?? error.issues[0];
  const known = Object.keys(shape);
  if (issue === undefined) {
    return new HoldfastError("bad_input", `${tool} cannot take these arguments`, {
      hint: `Known: ${known.join(", ")}`,
    });
  }
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) return unknownArgument(tool, issue.keys, known);
  const path = issue.path.map(String);
  const name = path[0];
  if (name === undefined) {
    return new HoldfastError("bad_input", `${tool} takes an object of arguments`, {
      hint: `Known: ${known.join(", ")}`,
    });
  }
  const about = describe(shape[name]);
  return new HoldfastError("bad_input", `${tool} cannot take "${path.join(".")}": ${reasonOf(issue)}`, {
    hint: about === undefined ? `Known: ${known.join(", ")}` : `${name}: ${about}`,
  });
}

function unknownArgument(tool: string, keys: readonly string[], known: readonly string[]): HoldfastError {
  const names = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 60)));
  return new HoldfastError("bad_input", `${tool} does not know ${names.join(", ")}`, {
    hint: `Known: ${known.join(", ")}`,
  });
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) return "it is missing";
  const message = issue.message.replace(/^(Invalid input|Invalid option|Too small|Too big|Invalid string): /, "");
  return message.replaceAll(/\s+/g, " ").replace(/\.$/, "");
}

function describe(schema: unknown): string | undefined {
  return isDescribable(schema) ? schema.description?.replace(/\.$/, "") : undefined;
}

function isDescribable(schema: unknown): schema is Describable {
  return (
    typeof schema === "object" && schema !== null && "description" in schema && typeof schema.description === "string"
  );
}

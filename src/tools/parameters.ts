import { z } from "zod";
import { defaultMaxOutput } from "./command-reply.ts";

/** The longest wait in one call: an hour. */
const longestWaitS = 3_600;

/** The wait of a call that names none: below the time limit of the strictest common client (60 s). */
export const defaultWaitS = 30;

/** Seconds to wait before the reply says `running`. */
export function waitSeconds(about?: string): z.ZodOptional<z.ZodNumber> {
  const wait = z.number().min(0).max(longestWaitS).optional();
  return about === undefined ? wait : wait.describe(about);
}

/** A command id as a parameter. */
export function commandId(): z.ZodString {
  return z.string().describe("id, like web1/7");
}

/** Characters of the reply; a reply under 200 could not even say what was left out, over a million no client takes. */
export function maxOutput(): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(200).max(1_000_000).default(defaultMaxOutput);
}

/** A byte offset in an output stream. */
export function byteOffset(): z.ZodOptional<z.ZodNumber> {
  return z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();
}

/** Columns or rows of a terminal: fewer than two nothing can be drawn on, and more than a thousand no program expects. */
export function terminalLength(): z.ZodOptional<z.ZodNumber> {
  return z.number().int().min(2).max(1_000).optional();
}

/** As whom something is done. */
export function sudoUser(): z.ZodOptional<z.ZodUnion<readonly [z.ZodBoolean, z.ZodString]>> {
  return z.union([z.boolean(), z.string()]).optional();
}

/** The user that `sudo` names; undefined: without sudo. */
export function asSudoUser(sudo: boolean | string | undefined): string | undefined {
  if (sudo === undefined || sudo === false) return undefined;
  return sudo === true ? "root" : sudo;
}

import { z } from "zod";
import { randomHex, wallMs } from "../base/index.ts";
import type { CallOccasion } from "../tools/index.ts";

/** What a client that was asked sends back with its next call, unseen: which call it goes on with. */
export interface CallState {
  /** Random: names the call in the process that holds it. */
  readonly id: string;
  /** The key of the call, should that process be gone. */
  readonly key?: string | undefined;
  readonly sinceMs: number;
}

const longestState = 1_000;

const shape = z.strictObject({ id: z.string().max(64), key: z.string().max(200).optional(), sinceMs: z.number() });

/** The state of a call that begins now. */
export function newCallState(occasion: CallOccasion | undefined): CallState {
  const key = occasion?.key;
  return {
    id: randomHex(16),
    sinceMs: wallMs() - (occasion?.sentBeforeMs ?? 0),
    ...(key === undefined ? {} : { key }),
  };
}

export function writeCallState(state: CallState): string {
  return Buffer.from(JSON.stringify(state)).toString("base64url");
}

/** The state in what a client sent; undefined for what is none of ours. Only names what the client could name anyway. */
export function readCallState(text: unknown): CallState | undefined {
  if (typeof text !== "string" || text.length > longestState) return undefined;
  try {
    return shape.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

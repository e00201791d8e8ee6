import { wallMs } from "../base/index.ts";
import type { SessionLimits, Target } from "../config/index.ts";
import { addressOf } from "./connections/connect-plan.ts";
import { defined } from "./defined.ts";
import { numberBlock } from "./host-session.ts";
import { accountOf } from "./overrides-of.ts";
import type { OpenRequest } from "./session-api.ts";
import type { SessionRecord } from "./session-record.ts";

interface RecordFacts {
  readonly name: string;
  /** As the caller named it, and what it is. */
  readonly on: string;
  readonly target: Target;
  readonly identity: { readonly id: string; readonly key: string };
  readonly facts: string;
  /** The number of its next command. */
  readonly next: number;
  readonly limits: SessionLimits;
}

/** The record of a session that begins, or was found. */
export function newRecord({ name, on, target, identity, facts, next, limits }: RecordFacts): SessionRecord {
  return {
    name,
    target: on,
    address: addressOf(target),
    account: accountOf(target),
    id: identity.id,
    key: identity.key,
    facts,
    startedAtMs: wallMs(),
    reserved: next + numberBlock,
    closed: false,
    // The place on hosts that was tried first, where one is set: it is looked for there again.
    ...(limits.directory === "" ? {} : { base: limits.directory }),
  };
}

/** What the call that opened a session said, as far as its record keeps it, and its target's limit for commands. */
export function askedMarks(request: OpenRequest, { commandTimeoutMs }: Target): Partial<SessionRecord> {
  const { owner, user, port, keyFile, jump, platform } = request;
  return {
    ...defined({ owner, user, port, keyFile, platform, commandTimeoutMs }),
    ...(jump === undefined ? {} : { jump: [...jump] }),
  };
}

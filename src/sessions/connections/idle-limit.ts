import type { SshConnection } from "../../ssh/index.ts";

/** Shared by all guises of one connection: what one of its users wishes counts for all. */
interface IdleLimit {
  ms: number;
}

const limits = new WeakMap<SshConnection, IdleLimit>();

/** Remembers that a user of the connection wants it closed no sooner than after this time without use (undefined: never): the longest wish counts. */
export function wishIdleLimit(connection: SshConnection, wishMs: number | undefined): void {
  const limit = limits.get(connection) ?? { ms: 0 };
  limit.ms = Math.max(limit.ms, wishMs ?? Infinity);
  limits.set(connection, limit);
}

/** After which time without use the connection is closed; undefined: never. */
export function idleLimitOf(connection: SshConnection): number | undefined {
  const limit = limits.get(connection);
  return limit === undefined || limit.ms === Infinity ? undefined : limit.ms;
}

/** `other` is the same connection in another guise. */
export function withIdleLimitOf(connection: SshConnection, other: SshConnection): SshConnection {
  const limit = limits.get(connection);
  if (limit !== undefined) limits.set(other, limit);
  return other;
}

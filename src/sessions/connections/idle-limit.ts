import type { SshConnection } from "../../ssh/index.ts";

const limits = new WeakMap<SshConnection, number>();

/** Remembers after which time without use a connection is closed. */
export function setIdleLimit(connection: SshConnection, limitMs: number): void {
  limits.set(connection, limitMs);
}

/** After which time without use the connection is closed; undefined: never. */
export function idleLimitOf(connection: SshConnection): number | undefined {
  return limits.get(connection);
}

/** `other` is the same connection in another guise. */
export function withIdleLimitOf(connection: SshConnection, other: SshConnection): SshConnection {
  const limitMs = limits.get(connection);
  if (limitMs !== undefined) limits.set(other, limitMs);
  return other;
}

import type { Target, TargetOverrides } from "../config/index.ts";
import { defined } from "./defined.ts";
import type { OpenRequest } from "./session-api.ts";
import type { SessionRecord } from "./session-record.ts";

/** What a call says about its target itself. */
export function overridesOf(request: OpenRequest): TargetOverrides {
  const { user, port, keyFile, password, passphrase, jump, compression, connectTimeoutMs, retries } = request;
  return defined({ user, port, keyFile, password, passphrase, jump, compression, connectTimeoutMs, retries });
}

/** What the call that opened the session said about its target, as far as it is kept. */
export function recordOverrides({ user, port, keyFile, jump }: SessionRecord): TargetOverrides {
  return defined({ user, port, keyFile, jump });
}

/** Who a session on a target runs as, and where. */
export function accountOf(target: Target): string {
  return `${target.user}@${target.hostKeyAlias ?? target.host}:${target.port}`;
}

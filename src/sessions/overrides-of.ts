import type { Target, TargetOverrides } from "../config/index.ts";
import { defined } from "./defined.ts";
import type { OpenRequest } from "./session-api.ts";
import type { SessionRecord } from "./session-record.ts";

/** What a call says about its target itself. */
export function overridesOf(request: OpenRequest): TargetOverrides {
  const { user, port, keyFile, jump, compression, connectTimeoutMs, retries } = request;
  return { ...defined({ user, port, keyFile, jump, compression, connectTimeoutMs, retries }), ...callSecrets(request) };
}

/** Secrets that were given with a call; they are written nowhere. */
export type CallSecrets = Pick<TargetOverrides, "password" | "passphrase" | "sudoPassword" | "enablePassword">;

/** What a call says that is needed again to reconnect, or for sudo, and is written nowhere. */
export function callSecrets({ password, passphrase, sudoPassword, enablePassword }: OpenRequest): CallSecrets {
  return defined({ password, passphrase, sudoPassword, enablePassword });
}

/** What the call that opened the session said about its target, as far as it is kept. */
export function recordOverrides({ user, port, keyFile, jump }: SessionRecord): TargetOverrides {
  return defined({ user, port, keyFile, jump });
}

/** Who a session on a target runs as, and where. */
export function accountOf(target: Target): string {
  return `${target.user}@${target.hostKeyAlias ?? target.host}:${target.port}`;
}

/** What whoever opens a session should know about its host: the target's notes, and how programs show windows where they may. */
export function targetNotes({ notes, x11 }: Pick<Target, "notes" | "x11">): string | undefined {
  if (x11 === "off") return notes;
  const windows = "with-x11 <program> shows the program's windows on the person's screen";
  return notes === undefined ? windows : `${notes}\n${windows}`;
}

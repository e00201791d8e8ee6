import { messageOf } from "../../base/index.ts";
import type { SecretTarget } from "../../config/index.ts";
import type { AskForSession } from "./password-asks.ts";
import type { AsksForSecrets } from "./secret-question.ts";

/** The session that asks. */
export interface AskingSession {
  readonly name: string;
  /** `user@host:port` */
  readonly account: string;
  /** What the settings, and the call that opened it, say of its target. */
  target(): Promise<SecretTarget>;
}

/** Asks `secrets`, where there is anybody, on behalf of a session. */
export function askFor(session: AskingSession, secrets: AsksForSecrets | undefined): AskForSession {
  const { name, account } = session;
  const at = account.lastIndexOf("@");
  const whose = { session: name, user: account.slice(0, at), host: account.slice(at + 1) };
  return async (question, signal) => {
    if (secrets === undefined) return { refused: "there is nobody to ask" };
    try {
      return await secrets.ask({ kind: "sudo", ...whose, target: await session.target(), ...question }, signal);
    } catch (thrown) {
      return { refused: messageOf(thrown) };
    }
  };
}

import { messageOf } from "../../base/index.ts";
import type { SecretTarget, Target } from "../../config/index.ts";
import { displayOf, type DisplayOfTarget } from "../x11/display-of.ts";
import type { AskForSession } from "./password-asks.ts";
import type { AskDialog, AsksForSecrets } from "./secret-question.ts";

/** The session that asks. */
export interface AskingSession {
  readonly name: string;
  /** `user@host:port` */
  readonly account: string;
  /** What the settings, and the call that opened it, say of its target. */
  target(): Promise<
    SecretTarget & Pick<Target, "askers" | "sudoAskpass" | "sudoKey" | "agentSocket"> & DisplayOfTarget
  >;
}

/** Asks `secrets`, where there is anybody, on behalf of a session. */
export function askFor(session: AskingSession, secrets: AsksForSecrets | undefined): AskForSession {
  const { name, account } = session;
  const at = account.lastIndexOf("@");
  const whose = { session: name, user: account.slice(0, at), host: account.slice(at + 1) };
  const ask: AskForSession = async (question, signal) => {
    if (secrets === undefined) return { refused: "there is nobody to ask" };
    try {
      const target = await session.target();
      const { kind } = question;
      const asUser = kind === "ssh" || kind === "git" || kind === "gpg";
      if (asUser && !target.askers.includes(kind)) return { refused: `the settings let ${kind} ask nobody` };
      const display = displayOf(target);
      const dialog: AskDialog | undefined =
        display === "off" ? undefined : (text, over) => question.showOn(display, text, over);
      return await secrets.ask({ ...whose, target, ...question, dialog }, signal);
    } catch (thrown) {
      return { refused: messageOf(thrown) };
    }
  };
  return Object.assign(ask, {
    x11: async () => displayOf(await session.target()),
    sudoAskpass: async () => (await session.target()).sudoAskpass,
    sudoKey: async () => {
      const { sudoKey: path, agentSocket } = await session.target();
      return path === undefined ? undefined : { path, agentSocket };
    },
  });
}

/** What a session's shell is told: where neither ssh nor git may ask, to do without, and gpg alike; where sudo cannot ask, to give it its password; where there is a key for it, to offer that. */
export function askpassEnv(
  target: Pick<Target, "askers" | "sudoAskpass" | "sudoKey">,
): Readonly<Record<string, string>> {
  const { askers, sudoAskpass, sudoKey } = target;
  return {
    ...(askers.includes("ssh") || askers.includes("git") ? {} : { SSH_ASKPASS_REQUIRE: "never" }),
    ...(askers.includes("gpg") ? {} : { PINENTRY_USER_DATA: "holdfast:" }),
    ...(sudoAskpass ? {} : { HOLDFAST_SUDO: "stdin" }),
    ...(sudoKey === undefined ? {} : { HOLDFAST_SUDO_KEY: "1" }),
  };
}

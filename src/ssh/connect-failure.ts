import { HoldfastError, messageOf, oneLine } from "../base/index.ts";
import type { AuthOrder } from "./auth-order.ts";
import type { ConnectPlan } from "./engine.ts";
import { serverOffer } from "./server-offer.ts";
import { describeTarget } from "./describe-target.ts";

/** How far a connection has come. */
export type ConnectPhase = "greeting" | "key exchange" | "login";

export interface FailureFacts {
  readonly plan: ConnectPlan;
  readonly phase: ConnectPhase;
  /** The first line that the server sent, if any came. */
  readonly greeting: string;
  /** What was tried, and what the server said to it. */
  readonly auth: Pick<AuthOrder, "tried" | "accepted" | "neverRefused" | "missedPerson">;
  /** The first bytes that the server sent, where they are seen. */
  readonly received?: Buffer;
  /** Key files that could not be used. */
  readonly leftOut: readonly string[];
  /** What a person was asked last for the server. */
  readonly asked: string | undefined;
}

/** No server's identification is longer (RFC 4253 §4.2 allows 255); more is not shown. */
const shownGreeting = 80;

/** What sshd says in place of a greeting: OpenSSH with too many logins under way, and since 9.8 to whom it refuses for failed logins. */
const overloaded = /^Exceeded MaxStartups\b/;
const penalized = /^Not allowed at this time\b/;

function greetingFailure(facts: FailureFacts, error: unknown): HoldfastError {
  const target = describeTarget(facts.plan);
  if (overloaded.test(facts.greeting)) {
    return new HoldfastError("dial_failed", `${target} has too many logins under way and takes no more (MaxStartups)`, {
      details: { transient: 1, crowded: 1 },
      hint: "Try again in a moment",
      cause: error,
    });
  }
  if (penalized.test(facts.greeting)) {
    return new HoldfastError("dial_failed", `${target} refuses this address for a while, after failed logins`, {
      hint: "Wait half a minute before trying again, and find out which login failed (PerSourcePenalties)",
      cause: error,
    });
  }
  if (facts.greeting !== "") {
    return new HoldfastError(
      "dial_failed",
      `${target} answered, but not as an SSH server: ${oneLine(facts.greeting, shownGreeting)}`,
      {
        hint: "Check the port",
        cause: error,
      },
    );
  }
  return new HoldfastError("dial_failed", `${target} closed the connection before it said what it is`, {
    details: { transient: 1 },
    hint: "The server may be overloaded (MaxStartups), or refuse this address for a while after failed logins: wait half a minute before trying again",
    cause: error,
  });
}

function exchangeFailure(facts: FailureFacts, error: unknown): HoldfastError {
  const target = describeTarget(facts.plan);
  const message = messageOf(error);
  const missing = /no matching (.+)/i.exec(message)?.[1];
  if (missing !== undefined) {
    const offer = facts.received === undefined ? "" : serverOffer(facts.received, missing);
    const offers = offer === "" ? "" : `: the server offers ${offer}`;
    return new HoldfastError(
      "unsupported",
      `${target} (${oneLine(facts.greeting, shownGreeting)}) and Holdfast have no ${missing} in common${offers}`,
      {
        hint:
          facts.plan.legacy === true
            ? "The server offers only very old or very new algorithms"
            : "Old servers need `legacy: true` in the settings of the target: it allows SHA-1, ssh-rsa and CBC",
        details: missing.startsWith("key exchange") ? { noKeyExchange: 1 } : {},
        cause: error,
      },
    );
  }
  if (wasCut(error)) return cutFailure(facts, error);
  return new HoldfastError(
    "dial_failed",
    `${target} ended the connection during the key exchange${error === undefined ? "" : `: ${message}`}`,
    {
      hint: "Try again; if it stays so, look into the server's log",
      cause: error,
    },
  );
}

function joined(words: readonly string[], none: string): string {
  return words.length === 0 ? none : words.join(", ");
}

/** The login failed, or there is nothing left to try: says what was offered and what the server would take. */
export function authFailure(facts: FailureFacts, error?: unknown): HoldfastError {
  const { plan, auth } = facts;
  const tooMany = /too many authentication failures/i.test(messageOf(error))
    ? " (too many attempts for this server)"
    : "";
  const takes = auth.accepted.length === 0 ? "" : `; the server takes ${auth.accepted.join(", ")}`;
  const leftOut = facts.leftOut.length === 0 ? "" : ` Not tried: ${facts.leftOut.join("; ")}.`;
  const spent = auth.tried.some((one) => /^password$|^keyboard-interactive$/.test(one))
    ? " A password that was refused is not tried again, so that the account is not locked."
    : "";
  const next = auth.missedPerson
    ? "Have a person answer (holdfast answer), load the key into the agent (ssh-add), or name a password_command or passphrase_command in the settings"
    : "Check the user name, name the right key, or load it into the agent";
  const message = `${describeTarget(plan)} refused the login of ${plan.user}. Tried: ${joined(auth.tried, "nothing, there is no key, agent or password to offer")}${tooMany}${takes}`;
  return new HoldfastError("auth_failed", message, {
    hint: `Nothing is tried a second time.${spent}${leftOut} ${next}`,
    cause: error,
  });
}

/** The connection ended without a word of the server: closed, or reset. */
function wasCut(error: unknown): boolean {
  return error === undefined || /ECONNRESET|EPIPE|ETIMEDOUT|lost|closed|ended/i.test(messageOf(error));
}

function cutFailure(facts: FailureFacts, error: unknown): HoldfastError {
  return new HoldfastError(
    "connection_lost",
    `the connection to ${describeTarget(facts.plan)} was lost during the ${facts.phase}`,
    {
      details: { transient: 1 },
      hint: "Try again; if it stays so, look into the server's log",
      cause: error,
    },
  );
}

/** The server ended a login in which it had asked something: mostly because it waits 2 minutes only. No code that invites to try again: a person would be asked again. */
function waitedTooLong(facts: FailureFacts, asked: string, error: unknown): HoldfastError {
  return new HoldfastError(
    "auth_failed",
    `${describeTarget(facts.plan)} ended the login of ${facts.plan.user} after it had asked "${asked}"`,
    {
      hint: "Servers wait a limited time for the answer (LoginGraceTime, mostly 2 minutes): call again and answer sooner",
      cause: error,
    },
  );
}

/** The error for a connection that failed in `phase`; `error` is undefined when it was just closed. */
export function connectFailure(facts: FailureFacts, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (facts.phase === "greeting") return greetingFailure(facts, error);
  if (facts.phase === "key exchange") return exchangeFailure(facts, error);
  if (facts.asked !== undefined && wasCut(error)) return waitedTooLong(facts, facts.asked, error);
  if (facts.auth.neverRefused && wasCut(error)) return cutFailure(facts, error);
  return authFailure(facts, error);
}

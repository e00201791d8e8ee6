import { howToBeAsked, type FieldsQuestion, type QuestionFact } from "../approvals/index.ts";
import type { SecretKind } from "./secret.ts";
import type { SecretQuestion, SecretRefusal } from "./secret-question.ts";

const titles: Readonly<Record<SecretKind, (alias: string) => string>> = {
  login: (alias) => `Log in to ${alias}`,
  passphrase: (alias) => `Log in to ${alias}`,
  sudo: (alias) => `Give the password for sudo on ${alias}`,
  enable: (alias) => `Give the enable password of ${alias}`,
  console: (alias) => `The console or line of ${alias} asks for a password`,
  ssh: (alias) => `ssh, run on ${alias}, asks for a secret`,
  git: (alias) => `git, run on ${alias}, asks for a secret`,
  gpg: (alias) => `gpg, run on ${alias}, asks for a passphrase`,
  su: (alias) => `Give the password for su on ${alias}`,
  doas: (alias) => `Give the password for doas on ${alias}`,
  passwd: (alias) => `passwd, run on ${alias}, asks for a password`,
  other: (alias) => `A program on ${alias} asks for a secret`,
};

/** What a person sees. `again`: what this asker was given before was wrong; `complaints`: what went wrong before a person was asked. */
export function questionText(
  question: SecretQuestion,
  again: boolean,
  complaints: readonly string[],
): Omit<FieldsQuestion, "key" | "refusalKey"> {
  const { kind, prompt, target, host, topics = [] } = question;
  return {
    kind: "fields",
    title: titles[kind](target.alias),
    facts: [
      ...placeFacts(question),
      ...question.evidence,
      ...(question.verified === false && !asUser.has(kind) ? [unchecked] : []),
      ...(again ? [{ label: "Again", value: "What was given before was wrong", tone }] : []),
      ...complaints.map((value) => ({ label: "Went wrong", value, tone })),
    ],
    fields: [
      {
        label: prompt.trim() === "" ? "Password" : prompt,
        hidden: true,
        // Only a login can have an empty password; to sudo it would count as a wrong one.
        required: kind !== "login",
        // The passphrase of a key file is asked for by ourselves.
        fromHost: kind !== "passphrase" && prompt.trim() !== "",
      },
    ],
    topics: [target.alias, host, ...topics],
  };
}

const tone = "warning" as const;

/** Who asks for these says itself what is known of it. */
const asUser: ReadonlySet<SecretKind> = new Set(["ssh", "git", "gpg"]);

const unchecked: QuestionFact = {
  label: "Not checked",
  value: "Holdfast could not check on the host which program asks for this",
  tone,
};

function placeFacts({ user, host, target: { alias } }: SecretQuestion): readonly QuestionFact[] {
  return [
    { label: "Host", value: alias === host ? host : `${alias} (${host})` },
    { label: "User", value: user },
  ];
}

const names: Readonly<Record<SecretKind, string>> = {
  login: "password",
  passphrase: "passphrase",
  sudo: "sudo password",
  enable: "enable password",
  console: "console password",
  ssh: "secret for ssh",
  git: "secret for git",
  gpg: "passphrase for gpg",
  su: "password for su",
  doas: "password for doas",
  passwd: "password for passwd",
  other: "secret",
};

const settings: Readonly<Partial<Record<SecretKind, string>>> = {
  login: "password_command",
  passphrase: "passphrase_command",
  sudo: "sudo_password_command",
  enable: "enable_password_command",
  console: "password_command",
};

/** Why there is no secret, and what can be done. `also`: what went wrong before a person was asked. */
export function refusalOf(
  question: SecretQuestion,
  refused: SecretRefusal,
  also: readonly string[] = [],
): { readonly refused: SecretRefusal; readonly why: string; readonly hint: string } {
  const { kind, user, target } = question;
  const what = `the ${names[kind]} of ${user} on ${target.alias}`;
  const reasons: Readonly<Record<SecretRefusal, string>> = {
    no: `a person did not give ${what}`,
    nobody: `nobody gave ${what}`,
    wrong: `${what} was wrong twice; it is not tried again, so that the account is not locked`,
    cancelled: `${what} is not wanted any more`,
  };
  return { refused, why: [reasons[refused], ...also].join("; "), hint: hintOf(kind, refused) };
}

function hintOf(kind: SecretKind, refused: SecretRefusal): string {
  if (refused === "no") return "Ask the person why; the same is not asked again for a minute";
  if (refused === "wrong") return "Have a person find out the right one first";
  const setting = settings[kind];
  const stored = setting === undefined ? "" : `; or set up ${setting} for the target, or the keyring (docs/secrets.md)`;
  return `${howToBeAsked("hidden")}${stored}`;
}

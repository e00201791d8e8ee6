import { howToBeAsked, type Answer, type ApprovalDesk, type QuestionFact } from "./approvals/index.ts";
import { randomHex } from "./base/index.ts";
import type { SecretBroker } from "./secrets/index.ts";
import type { AskerKind, AsksForSecrets, SecretAnswer, SecretQuestion } from "./sessions/index.ts";

/**
 * What programs on a host want to know. sudo: what is remembered or set for the target, or what a person types who sees what will run.
 * Others run as the user and could be made to ask by anything of theirs: always a person, each time.
 */
export function askForPrograms(desk: ApprovalDesk, secrets: SecretBroker): AsksForSecrets {
  return {
    ask: async (question, signal) =>
      question.form === "secret" ? secretFor(secrets, question, signal) : wordFor(desk, question, signal),
  };
}

async function secretFor(secrets: SecretBroker, question: SecretQuestion, signal: AbortSignal): Promise<SecretAnswer> {
  const { kind, session, target, user, host, prompt, program, doubt, askerKey, dialog } = question;
  // Another prompt asks for something else, a code perhaps: what was typed before is no answer to it.
  const binding = { kind, user, host, what: prompt } as const;
  const answer = await secrets.ask({
    ...binding,
    target,
    prompt,
    evidence: evidenceOf(question),
    askerKey: JSON.stringify([session, askerKey]),
    // Nobody tells whether it was right, and to try a wrong one again locks accounts.
    once: kind === "su" || kind === "doas" || kind === "passwd",
    verified: doubt === undefined && program === undefined,
    topics: [session],
    signal,
    dialog,
  });
  if ("secret" in answer) return { secret: answer.secret.reveal(binding) };
  return { refused: `${answer.why} · ${answer.hint}` };
}

/** A yes, or what may be seen while it is typed: nothing that is kept from anybody. */
async function wordFor(desk: ApprovalDesk, question: SecretQuestion, signal: AbortSignal): Promise<SecretAnswer> {
  const { kind, form, session, target, user, host, prompt } = question;
  const { alias } = target;
  const asker = kind === "console" ? `The console of ${alias}` : `${kind}, run on ${alias},`;
  const common = {
    key: randomHex(16),
    refusalKey: JSON.stringify([kind, user, host, prompt]),
    facts: [
      { label: "Host", value: alias === host ? host : `${alias} (${host})` },
      { label: "User", value: user },
      ...evidenceOf(question),
    ],
    topics: [alias, host, session],
  };
  const answer = await desk.ask(
    form === "yes"
      ? {
          kind: "confirm",
          ...common,
          title: `${asker} asks for a yes`,
          facts: [...common.facts, { label: "It asks", value: prompt }],
          yes: "Yes",
        }
      : {
          kind: "fields",
          ...common,
          title: `${asker} asks for a name`,
          fields: [{ label: prompt, hidden: false, required: true, fromHost: true }],
        },
    { signal },
  );
  if (answer.kind === "answered") return { secret: form === "yes" ? "yes" : (answer.values[0] ?? "") };
  return { refused: whyNot(answer, kind) };
}

function whyNot(answer: Answer, kind: AskerKind): string {
  if (answer.kind === "refused") return "a person said no; the same is not asked again for a minute";
  return `nobody answered ${kind} · ${howToBeAsked("shown")}`;
}

function evidenceOf({ kind, user, command, program, doubt }: SecretQuestion): readonly QuestionFact[] {
  const runs = command === undefined ? [] : [{ label: "It runs", value: command }];
  if (doubt !== undefined) {
    return [...runs, { label: "Beware", value: `${doubt}. Answer only if you expect ${kind} to ask`, tone: "warning" }];
  }
  if (program === undefined) return runs;
  return [
    ...runs,
    { label: "Asked by", value: `${program}, running as ${user}` },
    {
      label: "Beware",
      value: `Whatever runs as ${user} there could have made it ask. Answer only if you expect this question`,
      tone: "warning",
    },
  ];
}

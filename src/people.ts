import type { ApprovalDesk, QuestionFact } from "./approvals/index.ts";
import { randomHex } from "./base/index.ts";
import type { SecretBroker } from "./secrets/index.ts";
import type { PersonQuestions } from "./ssh/index.ts";

type LoginQuestion = Parameters<PersonQuestions["answerPrompts"]>[0];

/** What only a person knows about a login, asked at the approval desk; what stays the same is the broker's. */
export function askPeople(desk: ApprovalDesk, secrets: SecretBroker): PersonQuestions {
  return {
    confirmHostKey: async (question, signal) => {
      const { alias, address, keyType, fingerprint } = question;
      const answer = await desk.ask(
        {
          kind: "confirm",
          key: JSON.stringify(["host key", address, fingerprint]),
          refusalKey: JSON.stringify(["host key", address, fingerprint]),
          title: `Is this the host key of ${alias}?`,
          facts: [
            ...hostFacts(question),
            { label: "Fingerprint", value: `${keyType} ${fingerprint}` },
            {
              label: "How to know",
              value:
                "Holdfast has never connected to this host. Compare the fingerprint with the one that its administrator gives you; if it differs, somebody may be in between.",
              tone: "advice",
            },
          ],
          topics: [alias, address],
          yes: "It is the same: trust this key",
        },
        { signal },
      );
      if (answer.kind === "answered") return "yes";
      return answer.kind === "refused" ? "no" : "nobody";
    },
    answerPrompts: async (question, signal) => {
      if (question.lasting !== undefined) return lastingSecret(secrets, question, signal);
      const { alias, address, user, prompts } = question;
      const answer = await desk.ask(
        {
          kind: "fields",
          // A code is good for one login only.
          key: randomHex(16),
          refusalKey: JSON.stringify(["login", alias, address, user, prompts]),
          title: `Log in to ${alias}`,
          facts: [...hostFacts(question), { label: "User", value: user }, ...whatHostSays(question)],
          topics: [alias, address],
          fields: prompts.map(({ text, echo }) => ({
            label: text.trim() === "" ? "Answer" : text,
            hidden: !echo,
            fromHost: text.trim() !== "",
          })),
        },
        { signal },
      );
      return answer.kind === "answered" ? answer.values : undefined;
    },
    loginOver: (login, outcome) => {
      if (outcome === "accepted") secrets.right(login);
      if (outcome === "refused") secrets.wrong(login);
      if (outcome === "broken") secrets.gone(login);
    },
  };
}

/** What was typed at an earlier login, or what a person types now; it is remembered when it has let somebody in. */
async function lastingSecret(
  secrets: SecretBroker,
  question: LoginQuestion,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const { alias, address, user, login, lasting, prompts } = question;
  const binding = {
    kind: lasting?.kind === "passphrase" ? "passphrase" : "login",
    user,
    host: address,
    what: lasting?.what,
  } as const;
  const answer = await secrets.ask({
    ...binding,
    // What the settings say was there before: it was tried, or there is none.
    target: { alias },
    prompt: prompts[0]?.text ?? "",
    evidence: whatHostSays(question),
    askerKey: login,
    tentative: true,
    signal,
  });
  return "secret" in answer ? [answer.secret.reveal(binding)] : undefined;
}

function whatHostSays({ name, instructions }: LoginQuestion): readonly QuestionFact[] {
  const said = [name, instructions].filter((text) => text.trim() !== "").join("\n");
  return said === "" ? [] : [{ label: "The host says", value: said }];
}

function hostFacts({ alias, address }: { readonly alias: string; readonly address: string }): readonly QuestionFact[] {
  return [{ label: "Host", value: alias === address ? address : `${alias} (${address})` }];
}

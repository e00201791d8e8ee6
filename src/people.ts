import type { ApprovalDesk, QuestionFact } from "./approvals/index.ts";
import { randomHex } from "./base/index.ts";
import type { PersonQuestions } from "./ssh/index.ts";

/** What only a person knows about a login, asked at the approval desk. */
export function askPeople(desk: ApprovalDesk): PersonQuestions {
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
      const { alias, address, user, name, instructions, prompts } = question;
      const login = JSON.stringify(["login", alias, address, user, prompts]);
      const said = [name, instructions].filter((text) => text.trim() !== "").join("\n");
      const answer = await desk.ask(
        {
          kind: "fields",
          // A code is good for one login only; a password is for all that wait for it.
          key: question.lasting ? login : randomHex(16),
          refusalKey: login,
          title: `Log in to ${alias}`,
          facts: [
            ...hostFacts(question),
            { label: "User", value: user },
            ...(said === "" ? [] : [{ label: "The host says", value: said }]),
          ],
          topics: [alias, address],
          fields: prompts.map(({ text, echo }) => ({ label: text.trim() === "" ? "Answer" : text, hidden: !echo })),
        },
        { signal },
      );
      return answer.kind === "answered" ? answer.values : undefined;
    },
  };
}

function hostFacts({ alias, address }: { readonly alias: string; readonly address: string }): readonly QuestionFact[] {
  return [{ label: "Host", value: alias === address ? address : `${alias} (${address})` }];
}

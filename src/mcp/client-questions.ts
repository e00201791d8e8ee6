import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { OpenQuestion, Question } from "../approvals/index.ts";

/** An elicitation as it goes to a client. */
export interface Elicitation {
  readonly request: ReturnType<typeof inputRequired.elicit>;
  /** The answer comes on a page of ours, not from the client. */
  readonly onPage: boolean;
}

/** How a client can ask its person: with a form of its own, or by opening a page of ours. */
export interface ClientWays {
  readonly form: boolean;
  readonly url: boolean;
}

const anyObject = z.record(z.string(), z.unknown());
const capabilities = z.object({ elicitation: anyObject });

/** The answer to an elicitation, as any client may send it. */
const elicited = z.object({ action: z.enum(["accept", "decline", "cancel"]), content: anyObject.optional() });

const confirmed = "confirmed";

/** What the client says it can do: with each request, or once in the older handshake. Pages are on this machine, so they are for its people only. */
export function clientWays(server: McpServer["server"], context: ServerContext, pagesReachable: boolean): ClientWays {
  const envelope: Readonly<Record<string, unknown>> = { ...context.mcpReq.envelope };
  // oxlint-disable-next-line typescript/no-deprecated -- clients of older revisions say it nowhere else
  const declared = capabilities.safeParse(envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities());
  if (!declared.success) return { form: false, url: false };
  const { form, url } = declared.data.elicitation;
  // Before there were modes, an empty declaration meant forms.
  return { form: form !== undefined || url === undefined, url: url !== undefined && pagesReachable };
}

/** A secret must never be asked for by a form: the client, and so the agent, would see it. */
export function canElicit(ways: ClientWays, question: Question): boolean {
  return ways.url || (ways.form && question.kind === "confirm");
}

/**
 * The elicitation for a question: a form for a yes or no, else the address of a page. `hide` goes over its words, because the client, and what it
 * writes down, is no person. Rejects where there are no pages.
 */
export async function elicitationOf(
  open: OpenQuestion,
  ways: ClientWays,
  hide: (text: string) => string,
): Promise<Elicitation> {
  const { question } = open;
  if (question.kind === "confirm" && ways.form) {
    const facts = question.facts.map(({ label, value }) => `${label}: ${value}`);
    const request = inputRequired.elicit({
      message: hide([question.title, "", ...facts].join("\n")),
      requestedSchema: {
        type: "object",
        properties: { [confirmed]: { type: "boolean", title: question.yes, default: false } },
        required: [confirmed],
      },
    });
    return { request, onPage: false };
  }
  const request = inputRequired.elicitUrl({
    message: `${hide(question.title)} Answer on a page of this machine; it shows the code ${open.code}.`,
    url: await open.page(),
  });
  return { request, onPage: true };
}

/**
 * Takes a client's answer. Only a form that came back with the box ticked is a yes; a page that was opened has its answer still to come;
 * and what was merely closed leaves the question to others.
 */
export function takeAnswer(
  open: OpenQuestion,
  ways: ClientWays,
  answer: unknown,
): "settled" | "on the page" | "passed" {
  const parsed = elicited.safeParse(answer);
  if (!parsed.success || parsed.data.action === "cancel") return "passed";
  const { action, content } = parsed.data;
  if (action === "decline") open.refuse();
  else if (!(open.question.kind === "confirm" && ways.form)) return "on the page";
  else if (content?.[confirmed] === true) open.answer([]);
  else open.refuse();
  return "settled";
}

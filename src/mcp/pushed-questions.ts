import type { ServerContext } from "@modelcontextprotocol/server";
import type { OpenQuestion } from "../approvals/index.ts";
import type { CallAsker } from "../tools/index.ts";
import { canElicit, elicitationOf, takeAnswer, type ClientWays } from "./client-questions.ts";

/** Asks by a request to the client, as revisions up to 2025-11-25 do; it is taken back when the question is over or the call is cancelled. */
export function pushedQuestions(context: ServerContext, ways: ClientWays): CallAsker {
  return {
    canShow: (question) => canElicit(ways, question),
    show: (open, pass, hide) => {
      push(context, ways, { open, hide }).then(
        (outcome) => {
          if (outcome === "passed") pass();
        },
        // A client that cannot do what it said, or whose connection is gone.
        () => pass(),
      );
    },
  };
}

async function push(
  { mcpReq }: ServerContext,
  ways: ClientWays,
  { open, hide }: { readonly open: OpenQuestion; readonly hide: (text: string) => string },
): Promise<ReturnType<typeof takeAnswer>> {
  const { request, onPage } = await elicitationOf(open, ways, hide);
  const named = onPage ? { elicitationId: open.id } : {};
  const answer = await mcpReq.send(
    { method: "elicitation/create", params: { ...request.params, ...named } },
    { signal: AbortSignal.any([open.over, mcpReq.signal]), timeout: open.leftMs },
  );
  const outcome = takeAnswer(open, ways, answer);
  if (outcome === "on the page") tellWhenOver(mcpReq, open);
  return outcome;
}

/** Clients that wait for the page to be done with may go on then. */
function tellWhenOver(mcpReq: ServerContext["mcpReq"], open: OpenQuestion): void {
  const tell = (): void => {
    mcpReq
      .notify({ method: "notifications/elicitation/complete", params: { elicitationId: open.id } })
      .catch(() => undefined);
  };
  if (open.over.aborted) tell();
  else open.over.addEventListener("abort", tell, { once: true });
}

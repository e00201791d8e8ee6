import type { CompleteResult, McpServer } from "@modelcontextprotocol/server";
import type { Catalog } from "../tools/index.ts";
import { outputTemplate } from "./output-resource.ts";
import { screenTemplate } from "./screen-resource.ts";
import { promptTable } from "./prompts.ts";

/** The protocol's bound on proposals in one answer. */
const mostProposals = 100;

/** Commands that are looked through for the numbers of one session. */
const searchedCommands = 10_000;

/** Serves completion: sessions and numbers for the templates, targets and sessions for the prompts. */
export function serveCompletions({ server }: McpServer, catalog: Catalog): void {
  server.registerCapabilities({ completions: {} });
  server.setRequestHandler("completion/complete", async ({ params }) => {
    const { ref, argument, context } = params;
    const proposals =
      ref.type === "ref/prompt"
        ? await forPrompt(catalog, ref.name, argument)
        : await forTemplate(catalog, ref.uri, argument, context?.arguments?.["session"]);
    return completionOf(proposals);
  });
}

interface Argument {
  readonly name: string;
  readonly value: string;
}

async function forTemplate(
  catalog: Catalog,
  uri: string,
  argument: Argument,
  session: string | undefined,
): Promise<readonly string[]> {
  if (uri === screenTemplate && argument.name === "name") return startingWith(argument.value, await catalog.screens());
  if (uri !== outputTemplate) return [];
  if (argument.name === "session") return startingWith(argument.value, await catalog.sessions());
  if (argument.name !== "n" || session === undefined) return [];
  const commands = await catalog.commands(searchedCommands);
  const numbers = commands.flatMap(({ id }) => (id.startsWith(`${session}/`) ? [id.slice(session.length + 1)] : []));
  return startingWith(argument.value, numbers);
}

async function forPrompt(catalog: Catalog, name: string, argument: Argument): Promise<readonly string[]> {
  const parameter = promptTable
    .find((prompt) => prompt.name === name)
    ?.parameters.find((one) => one.name === argument.name);
  if (parameter?.completes === undefined) return [];
  const places = [...new Set([...(await catalog.sessions()), ...(await catalog.targets())])];
  if (parameter.completes === "target") return startingWith(argument.value, places);
  // Of several, separated by commas, the last one is being typed.
  const before = argument.value.slice(0, argument.value.lastIndexOf(",") + 1);
  const typed = argument.value.slice(before.length);
  const gap = /^\s*/.exec(typed)?.[0] ?? "";
  const taken = new Set(before.split(",").map((one) => one.trim()));
  const left = places.filter((place) => !taken.has(place));
  return startingWith(typed.trimStart(), left).map((place) => `${before}${gap}${place}`);
}

function startingWith(start: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith(start));
}

function completionOf(proposals: readonly string[]): CompleteResult {
  return {
    completion: {
      values: proposals.slice(0, mostProposals),
      total: proposals.length,
      hasMore: proposals.length > mostProposals,
    },
  };
}

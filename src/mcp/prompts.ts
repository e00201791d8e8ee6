import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
  type ListPromptsResult,
  type McpServer,
} from "@modelcontextprotocol/server";
import { diagnoseHost } from "./prompts/diagnose-host.ts";
import { followLog } from "./prompts/follow-log.ts";
import type { PromptArguments, PromptEntry } from "./prompts/prompt-entry.ts";
import { rollOutChange } from "./prompts/roll-out-change.ts";

/** An argument longer than this is no argument but a document. */
const longestArgument = 4_000;

/** All prompts in the order in which clients see them. */
export const promptTable: readonly PromptEntry[] = [diagnoseHost, rollOutChange, followLog];

/** Serves the prompts: ways of working with the tools that a person can start by name. */
export function servePrompts({ server }: McpServer): void {
  server.registerCapabilities({ prompts: { listChanged: false } });
  server.setRequestHandler("prompts/list", () => listing);
  server.setRequestHandler("prompts/get", ({ params }) => promptOf(params.name, params.arguments ?? {}));
}

const listing: ListPromptsResult = {
  prompts: promptTable.map(({ name, title, description, parameters }) => ({
    name,
    title,
    description,
    arguments: parameters.map(({ name: argument, about, required }) => ({
      name: argument,
      description: about,
      required,
    })),
  })),
};

function promptOf(name: string, args: PromptArguments): GetPromptResult {
  const prompt = promptTable.find((entry) => entry.name === name);
  if (prompt === undefined) {
    throw invalid(`there is no prompt ${JSON.stringify(name.slice(0, 60))}; known: ${names(promptTable)}`);
  }
  const { parameters } = prompt;
  const unknown = Object.keys(args).find((one) => !parameters.some((parameter) => parameter.name === one));
  if (unknown !== undefined) {
    throw invalid(`${name} does not know ${JSON.stringify(unknown.slice(0, 60))}; known: ${names(parameters)}`);
  }
  const missing = parameters.find((parameter) => parameter.required && (args[parameter.name] ?? "").trim() === "");
  if (missing !== undefined) throw invalid(`${name} needs "${missing.name}": ${missing.about}`);
  const long = parameters.find((parameter) => (args[parameter.name] ?? "").length > longestArgument);
  if (long !== undefined) throw invalid(`"${long.name}" has more than ${longestArgument} characters`);
  return {
    description: prompt.description,
    messages: [{ role: "user", content: { type: "text", text: prompt.write(args) } }],
  };
}

function names(entries: readonly { readonly name: string }[]): string {
  return entries.map((entry) => entry.name).join(", ");
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

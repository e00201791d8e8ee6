import {
  ResourceTemplate,
  acceptedContent,
  completable,
  inputRequired,
  type GetPromptResult,
  type McpServer,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { embedded, image, text } from "./fixture-contents.ts";

/** Resources of the suite, one of them by a template, one that can be subscribed to. */
export function registerResources(mcp: McpServer): void {
  const fixed = {
    "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
    "test://static-binary": { mimeType: image.mimeType, blob: image.data },
    "test://watched-resource": { mimeType: "text/plain", text: "Nothing has changed." },
  };
  for (const [uri, content] of Object.entries(fixed)) {
    mcp.registerResource(uri.slice("test://".length), uri, { mimeType: content.mimeType }, () => ({
      contents: [{ uri, ...content }],
    }));
  }
  mcp.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { mimeType: "application/json" },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
  mcp.server.setRequestHandler("resources/subscribe", () => ({}));
  mcp.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

/** Prompts of the suite, one of them with completion, one that asks the client. */
export function registerPrompts(mcp: McpServer): void {
  mcp.registerPrompt("test_simple_prompt", { description: "Says something" }, () =>
    messages(text("This is a simple prompt for testing.")),
  );
  const word = completable(z.string(), (start) => ["paris", "park", "party"].filter((one) => one.startsWith(start)));
  mcp.registerPrompt(
    "test_prompt_with_arguments",
    { description: "Repeats two words", argsSchema: z.object({ arg1: word, arg2: z.string() }) },
    ({ arg1, arg2 }) => messages(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  mcp.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "Embeds a resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      messages(
        embedded(resourceUri, "text/plain", "Embedded resource content for testing."),
        text("Please process the embedded resource above."),
      ),
  );
  mcp.registerPrompt("test_prompt_with_image", { description: "Shows an image" }, () =>
    messages(image, text("Please analyze the image above.")),
  );
  mcp.registerPrompt("test_input_required_result_prompt", { description: "Asks for context" }, (context) => {
    const schema = z.object({ context: z.string() });
    const answer = acceptedContent(context.mcpReq.inputResponses, "user_context", schema);
    if (answer !== undefined) return messages(text(`In the context of ${answer.context}`));
    return inputRequired({
      inputRequests: {
        user_context: inputRequired.elicit({ message: "What context should the prompt use?", requestedSchema: schema }),
      },
    });
  });
}

function messages(...contents: GetPromptResult["messages"][number]["content"][]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: "user" as const, content })) };
}

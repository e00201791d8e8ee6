import { inputRequired, type CallToolResult, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { delay } from "../../src/base/index.ts";
import { audio, embedded, image, text } from "./fixture-contents.ts";

/** Between two messages of a tool that sends several. */
const stepMs = 50;

/** Tools that answer at once, or with messages on the way. Names and contents are those the suite looks for. */
export function registerTools(mcp: McpServer): void {
  for (const [name, content] of Object.entries(fixed)) {
    mcp.registerTool(name, { description: `Returns ${name}` }, () => ({ content }));
  }
  mcp.registerTool("test_error_handling", { description: "Fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  mcp.registerTool("test_tool_with_progress", { description: "Sends progress" }, withProgress);
  for (const name of ["test_tool_with_logging", "test_logging_tool"]) {
    mcp.registerTool(name, { description: "Sends log messages" }, withLogging);
  }
  mcp.registerTool("test_missing_capability", { description: "Needs sampling" }, () =>
    inputRequired({
      inputRequests: {
        sample: inputRequired.createMessage({
          messages: [{ role: "user", content: text("Say something") }],
          maxTokens: 10,
        }),
      },
    }),
  );
}

const fixed: Readonly<Record<string, CallToolResult["content"]>> = {
  test_simple_text: [text("This is a simple text response for testing.")],
  test_image_content: [image],
  test_audio_content: [audio],
  test_embedded_resource: [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  test_multiple_content_types: [
    text("Multiple content types test:"),
    image,
    embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ],
  test_streaming_elicitation: [text("Nothing was asked")],
};

async function withProgress(context: ServerContext): Promise<CallToolResult> {
  const progressToken = context.mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: 100, message: `Completed ${progress} of 100` },
      });
    }
    await delay(stepMs);
  }
  return { content: [text("The work is done")] };
}

async function withLogging(context: ServerContext): Promise<CallToolResult> {
  for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
    // oxlint-disable-next-line typescript/no-deprecated -- what the suite tests is deprecated itself
    await context.mcpReq.log("info", line);
    await delay(stepMs);
  }
  return { content: [text("Logged three lines")] };
}

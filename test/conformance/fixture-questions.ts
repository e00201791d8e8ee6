import {
  CLIENT_CAPABILITIES_META_KEY,
  acceptedContent,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type InputRequiredResult,
  type InputRequiredSpec,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { text } from "./fixture-contents.ts";

type Questions = NonNullable<InputRequiredSpec["inputRequests"]>;
type Answer = CallToolResult | InputRequiredResult;

const askName = elicit("What is your name?", { name: z.string() });
const askGreeting = sample("Generate a greeting", 50);
const askRoots = inputRequired.listRoots();
const confirm = elicit("Please confirm", { ok: z.boolean() });

/** Tools that ask the client something: by a new round in the current revision, by a request in the older ones. */
export function registerQuestions(mcp: McpServer, states: RequestStateCodec<string>): void {
  const tool = (name: string, answer: (context: ServerContext) => Answer | Promise<Answer>): void => {
    mcp.registerTool(`test_input_required_result_${name}`, { description: `Asks: ${name}` }, answer);
  };
  tool("elicitation", (context) => {
    const answer = acceptedContent(context.mcpReq.inputResponses, "user_name", z.object({ name: z.string() }));
    return answer === undefined ? ask({ user_name: askName }) : says(`Hello, ${answer.name}!`);
  });
  tool("sampling", once({ capital_question: sample("What is the capital of France?", 100) }));
  tool("list_roots", once({ client_roots: askRoots }));
  tool("capabilities", askWhatTheClientCan);
  tool("request_state", (context) => stateful(context, states, { confirm }));
  tool("tampered_state", (context) => stateful(context, states, { confirm }));
  tool("multiple_inputs", (context) =>
    stateful(context, states, { user_name: askName, greeting: askGreeting, client_roots: askRoots }),
  );
  tool("multi_round", async (context) => {
    const round = context.mcpReq.requestState<string>();
    if (round === "1") {
      return inputRequired({
        inputRequests: { step2: elicit("Step 2: What is your favorite color?", { color: z.string() }) },
        requestState: await states.mint("2"),
      });
    }
    if (round === "2") return says("All rounds are done");
    return inputRequired({
      inputRequests: { step1: elicit("Step 1: What is your name?", { name: z.string() }) },
      requestState: await states.mint("1"),
    });
  });
  registerOlderQuestions(mcp);
}

/** The same for the scenarios of 2025-11-25, which look at the request that reaches the client. */
function registerOlderQuestions(mcp: McpServer): void {
  mcp.registerTool(
    "test_sampling",
    { description: "Asks for a text", inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, context) => {
      const answer = inputResponse(context.mcpReq.inputResponses, "sample");
      return answer.kind === "missing"
        ? ask({ sample: sample(prompt, 100) })
        : says(`LLM response: ${JSON.stringify(answer)}`);
    },
  );
  mcp.registerTool(
    "test_elicitation",
    { description: "Asks for a name", inputSchema: z.object({ message: z.string() }) },
    ({ message }, context) => {
      const fields = {
        username: z.string().describe("User's response"),
        email: z.string().describe("User's email address"),
      };
      return elicited(context, elicit(message, fields), "User response");
    },
  );
  mcp.registerTool("test_elicitation_sep1034_defaults", { description: "Asks with defaults" }, (context) =>
    elicited(
      context,
      inputRequired.elicit({ message: "Please review", requestedSchema: defaults }),
      "Elicitation completed",
    ),
  );
  mcp.registerTool("test_elicitation_sep1330_enums", { description: "Asks for choices" }, (context) =>
    elicited(
      context,
      inputRequired.elicit({ message: "Please choose", requestedSchema: choices }),
      "Elicitation completed",
    ),
  );
}

const defaults = {
  type: "object" as const,
  properties: {
    name: { type: "string" as const, default: "John Doe" },
    age: { type: "integer" as const, default: 30 },
    score: { type: "number" as const, default: 95.5 },
    status: { type: "string" as const, enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean" as const, default: true },
  },
  required: [],
};

const plain = ["option1", "option2", "option3"];
const titled = ["First", "Second", "Third"].map((word, index) => ({
  const: `value${index + 1}`,
  title: `${word} Option`,
}));
const choices = {
  type: "object" as const,
  properties: {
    untitledSingle: { type: "string" as const, enum: plain },
    titledSingle: { type: "string" as const, oneOf: titled },
    legacyEnum: {
      type: "string" as const,
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti: { type: "array" as const, items: { type: "string" as const, enum: plain } },
    titledMulti: { type: "array" as const, items: { anyOf: titled } },
  },
  required: [],
};

function elicited(context: ServerContext, question: Questions[string], lead: string): Answer {
  const answer = inputResponse(context.mcpReq.inputResponses, "answer");
  if (answer.kind !== "elicit") return ask({ answer: question });
  return says(`${lead}: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
}

/** Asks, and is content with whatever comes back. */
function once(questions: Questions): (context: ServerContext) => Answer {
  return (context) => {
    const answers = Object.keys(questions).map((key) => inputResponse(context.mcpReq.inputResponses, key));
    return answers.some((answer) => answer.kind === "missing") ? ask(questions) : says(JSON.stringify(answers));
  };
}

async function stateful(
  context: ServerContext,
  states: RequestStateCodec<string>,
  questions: Questions,
): Promise<Answer> {
  // A state that is not ours was refused before the tool is reached.
  if (context.mcpReq.requestState() === "asked") return says("state-ok");
  return inputRequired({ inputRequests: questions, requestState: await states.mint("asked") });
}

function askWhatTheClientCan(context: ServerContext): Answer {
  const envelope: Readonly<Record<string, unknown>> = { ...context.mcpReq.envelope };
  const capabilities = z.record(z.string(), z.unknown()).catch({}).parse(envelope[CLIENT_CAPABILITIES_META_KEY]);
  const questions: Questions = {
    ...("elicitation" in capabilities ? { user_name: askName } : {}),
    ...("sampling" in capabilities ? { greeting: askGreeting } : {}),
    ...("roots" in capabilities ? { client_roots: askRoots } : {}),
  };
  return Object.keys(questions).length === 0 ? says("You cannot be asked") : once(questions)(context);
}

function elicit(message: string, fields: z.core.$ZodLooseShape): Questions[string] {
  return inputRequired.elicit({ message, requestedSchema: z.object(fields) });
}

function sample(prompt: string, maxTokens: number): Questions[string] {
  return inputRequired.createMessage({ messages: [{ role: "user", content: text(prompt) }], maxTokens });
}

function ask(inputRequests: Questions): InputRequiredResult {
  return inputRequired({ inputRequests });
}

function says(value: string): CallToolResult {
  return { content: [text(value)] };
}

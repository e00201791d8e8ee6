import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";
import { awaitEnd, awaitOutput } from "./await-command.ts";
import { checkedInput } from "./checked-text.ts";
import { findCommand } from "./command-id.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import { commandId, maxOutput, waitSeconds } from "./parameters.ts";
import type { Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** How long to wait for an answer to the input unless the caller says otherwise. */
const defaultWaitS = 2;

const input = z.strictObject({
  command: commandId(),
  text: z.string().optional().describe("end lines with \\n"),
  keys: z.array(z.string()).max(100).optional().describe("Enter, C-c, C-d"),
  eof: z.boolean().optional(),
  wait_s: waitSeconds("default 2"),
  max_output: maxOutput(),
});

type InputInput = z.output<typeof input>;

type KeyAction =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "eof" }
  | { readonly kind: "interrupt" };

/** What the keys mean to a command without a terminal. */
const keyActions: Readonly<Record<string, KeyAction>> = {
  Enter: { kind: "text", text: "\n" },
  "C-c": { kind: "interrupt" },
  "C-d": { kind: "eof" },
};

/** `ssh_input`: feeds the standard input of a running command. */
export const sshInput = defineTool({
  name: "ssh_input",
  title: "Type into a command",
  description:
    "Type into a running command: text, then keys, then eof. Replies like ssh_read with what it printed since. Never type secrets.",
  annotations: { destructiveHint: true },
  input,
  run: typeInto,
});

async function typeInto(args: InputInput, context: ToolContext): Promise<Reply> {
  const actions = actionsOf(args);
  const command = await findCommand(context.sessions, args.command);
  const from = { stdout: command.stdoutBytes, stderr: command.stderrBytes };
  for (const action of actions) await act(command, action);
  const options = { waitMs: (args.wait_s ?? defaultWaitS) * 1_000, signal: context.signal, progress: context.progress };
  if (actions.some((action) => action.kind !== "text")) await awaitEnd(command, options);
  else await awaitOutput(command, from.stdout + from.stderr, options);
  return replyOf(await showCommand(command, { from, maxOutput: args.max_output, redact: context.redact }));
}

function actionsOf(args: InputInput): readonly KeyAction[] {
  const text: KeyAction[] =
    args.text === undefined || args.text === "" ? [] : [{ kind: "text", text: checkedInput(args.text) }];
  const eof: KeyAction[] = args.eof === true ? [{ kind: "eof" }] : [];
  const actions = [...text, ...(args.keys ?? []).map(actionOf), ...eof];
  if (actions.length > 0) return actions;
  throw new HoldfastError("bad_input", "ssh_input was given nothing to type", { hint: "Pass text, keys or eof" });
}

function actionOf(key: string): KeyAction {
  const action = Object.hasOwn(keyActions, key) ? keyActions[key] : undefined;
  if (action !== undefined) return action;
  throw new HoldfastError(
    "bad_input",
    `${JSON.stringify(key.slice(0, 40))} is no key that a command without a terminal can take`,
    {
      hint: `Known: ${Object.keys(keyActions).join(", ")}`,
    },
  );
}

function act(command: CommandView, action: KeyAction): Promise<void> {
  if (action.kind === "text") return command.input(action.text);
  return action.kind === "eof" ? command.eof() : command.stop("INT");
}

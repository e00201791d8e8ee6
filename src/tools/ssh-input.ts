import { floorOf } from "./watching/floor-book.ts";
import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { CommandView, TerminalSize } from "../sessions/index.ts";
import { awaitEnd, awaitIdle, awaitOutput } from "./await-command.ts";
import { checkedInput } from "./checked-text.ts";
import { findCommand } from "./command-id.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import { waitsForInput } from "./input-watch.ts";
import { keyAction, type TypeAction } from "./key-actions.ts";
import type { KeyModes } from "./terminal-keys.ts";
import { maxOutput, terminalLength, waitSeconds } from "./parameters.ts";
import type { Reply } from "./reply.ts";
import { fullScreenReply } from "./screen-reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { typedText, type PasteModes } from "./typed-text.ts";

/** How long to wait for an answer to the input unless the caller says otherwise. */
const defaultWaitS = 2;

const input = () =>
  z.strictObject({
    command: z.string(),
    text: z.string().optional().describe("end lines with \\n"),
    keys: z.array(z.string()).max(100).optional().describe("Enter, Tab, C-c, C-d"),
    eof: z.boolean().optional(),
    cols: terminalLength().describe("resize"),
    rows: terminalLength(),
    wait_s: waitSeconds("default 2"),
    max_output: maxOutput(),
  });

type InputInput = z.output<ReturnType<typeof input>>;

/** `ssh_input`: feeds the standard input of a running command. */
export const sshInput = defineTool({
  name: "ssh_input",
  title: "Type into a command",
  description:
    "Type into a running command: text, then keys, then eof; replies with what it printed since. Never type secrets.",
  annotations: {},
  input,
  run: typeInto,
});

async function typeInto(args: InputInput, context: ToolContext): Promise<Reply> {
  const command = await findCommand(context.sessions, args.command);
  context.recorder.goOn(command);
  const actions = actionsOf(args, await modesOf(command, context));
  const from = { stdout: command.stdoutBytes, stderr: command.stderrBytes };
  const size = newSize(args, command);
  await context.floors.typeForAgent(floorOf(command), async () => {
    if (size !== undefined) await command.resize(size);
    for (const action of actions) {
      await act(command, action);
      if (action.kind === "text") context.recorder.typed(command, action.text);
    }
  });
  const waits = await waitForAnswer(command, { args, actions, seen: from.stdout + from.stderr }, context);
  const screen = await fullScreenReply(command, { maxOutput: args.max_output, waitsForInput: waits }, context);
  if (screen !== undefined) return screen;
  const show = { from, maxOutput: args.max_output, waitsForInput: waits, redact: context.redact };
  return replyOf(await showCommand(command, show));
}

/** What the program on a terminal wants to be sent for what is typed. */
type InputModes = KeyModes & PasteModes;

/** How its terminal sends keys, as the program wants it; undefined without one. Where the screen cannot be drawn, as in the beginning. */
async function modesOf(command: CommandView, { screens }: ToolContext): Promise<InputModes | undefined> {
  if (command.terminal === undefined) return undefined;
  const drawn = await screens.draw(command, command.terminal).catch(() => undefined);
  const { applicationCursor = false, bracketedPaste = false, alternate = false } = drawn?.view ?? {};
  return { applicationCursor, bracketedPaste, alternate };
}

interface Typed {
  readonly args: InputInput;
  readonly actions: readonly TypeAction[];
  /** Bytes of output that there were before. */
  readonly seen: number;
}

/** Waits for output, or for the end where the input should bring it about; true when the command waits for more input then. */
async function waitForAnswer(command: CommandView, typed: Typed, context: ToolContext): Promise<boolean> {
  const { signal, progress } = context;
  const options = { waitMs: (typed.args.wait_s ?? defaultWaitS) * 1_000, signal, progress, noticeInput: true };
  const ends = command.terminal === undefined && typed.actions.some((action) => action.kind !== "text");
  const noticed = ends ? await awaitEnd(command, options) : await awaitOutput(command, typed.seen, options);
  if (!noticed && command.terminal !== undefined) await awaitIdle(command, options);
  return noticed || waitsForInput(command, signal);
}

/** Text, then keys, then end of file; on a terminal (`modes`) a line ends with what its Enter sends. */
function actionsOf(args: InputInput, modes: InputModes | undefined): readonly TypeAction[] {
  const typed = modes === undefined ? args.text : args.text === undefined ? undefined : typedText(args.text, modes);
  const text: TypeAction[] = typed === undefined ? [] : [{ kind: "text", text: typed }];
  const eof: TypeAction[] = args.eof === true ? [{ kind: "eof" }] : [];
  const actions = joinTexts([...text, ...(args.keys ?? []).map((key) => keyAction(key, modes)), ...eof]);
  for (const action of actions) if (action.kind === "text") checkedInput(action.text);
  if (actions.length > 0 || args.cols !== undefined || args.rows !== undefined) return actions;
  throw new HoldfastError("bad_input", "ssh_input was given nothing to type", { hint: "Pass text, keys or eof" });
}

/** The size that its terminal is to have, if it is to have another. Throws `bad_input` without a terminal; nothing has been typed then. */
function newSize({ cols, rows }: InputInput, { id, terminal }: CommandView): TerminalSize | undefined {
  if (cols === undefined && rows === undefined) return undefined;
  if (terminal !== undefined) return { columns: cols ?? terminal.columns, rows: rows ?? terminal.rows };
  throw new HoldfastError("bad_input", `${id} has no terminal, and so no size; nothing was typed`, {
    hint: "Leave cols and rows out, or run the command with pty: true",
  });
}

/** Neighbouring texts as one, empty ones left out: each piece costs a round trip. */
function joinTexts(actions: readonly TypeAction[]): readonly TypeAction[] {
  const joined: TypeAction[] = [];
  for (const action of actions) {
    const last = joined.at(-1);
    if (action.kind === "text" && last?.kind === "text") {
      joined[joined.length - 1] = { kind: "text", text: last.text + action.text };
    } else if (action.kind !== "text" || action.text !== "") joined.push(action);
  }
  return joined;
}

function act(command: CommandView, action: TypeAction): Promise<void> {
  if (action.kind === "text") return command.input(action.text);
  return action.kind === "eof" ? command.eof() : command.stop("INT");
}

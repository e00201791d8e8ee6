import { z } from "zod";
import { HoldfastError, asHoldfastError } from "../base/index.ts";
import type { CommandView, RunRequest } from "../sessions/index.ts";
import { awaitEnd, waitLeftMs } from "./await-command.ts";
import { cancelIntent } from "./cancel.ts";
import { checkedCommand, checkedDirectory, checkedEnvironment, checkedInput, checkedTarget } from "./checked-text.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import { combineReplies, type RunOutcome, type TargetOutcome } from "./combine-replies.ts";
import { waitsForInput } from "./input-watch.ts";
import { leftAtLimit } from "./out-of-reach.ts";
import { asSudoUser, defaultWaitS, maxOutput, sudoUser, terminalLength, waitSeconds } from "./parameters.ts";
import { ProgressTurns } from "./progress-reporter.ts";
import type { Reply } from "./reply.ts";
import { fullScreenReply } from "./screen-reply.ts";
import { startCommand, type StartedCommand } from "./start-command.ts";
import { wantsTerminal, wantsTerminalNote } from "./wants-terminal.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** Targets of one call; more would not fit into one reply. */
const mostTargets = 64;

const input = () =>
  z.strictObject({
    on: z
      .union([z.string(), z.array(z.string()).min(1).max(mostTargets)])
      .describe("session, alias, @group or user@host[:port]; several: on each"),
    command: z.string().describe("shell text"),
    wait_s: waitSeconds("default 30"),
    timeout_s: z.number().positive().max(31_536_000).optional().describe("then TERM, KILL"),
    background: z.boolean().optional().describe("beside the shell; return now"),
    cwd: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
    stdin: z.string().optional().describe("then EOF"),
    sudo: sudoUser().describe("true: root; or a user"),
    pty: z.boolean().optional().describe("on a terminal"),
    cols: terminalLength(),
    rows: terminalLength(),
    max_output: maxOutput(),
    key: z.string().min(1).max(200).optional().describe("same key: attach, not rerun"),
  });

/** The size of a terminal unless the caller says otherwise: wide enough for tables. */
const defaultCols = 120;
const defaultRows = 40;

/**
 * A reply `running` is a promise that the command can be found, by another server too: the host has to have it. Enough to notice that a
 * connection is dead and to come back on another.
 */
const confirmMs = 15_000;

/** The same for a caller that has detached already: enough for one answer over a link that is there. */
const leavingConfirmMs = 2_000;

/** What a reply says when the host did not answer in time. */
const notConfirmed = "its host has not confirmed yet that it has the command: it may not have started";

type RunInput = z.output<ReturnType<typeof input>>;

/** `ssh_run`: runs a command in a session, opened if there is none, and waits for its end up to `wait_s`. */
export const sshRun = defineTool({
  name: "ssh_run",
  title: "Run a command",
  description:
    "Run a command on a host, in a session that keeps directory, variables and functions between calls and survives disconnects. " +
    "Reply: state · duration · place · command id, then stdout, `--- stderr`. " +
    "What outlives wait_s goes on: the reply tells how to follow it.",
  annotations: {},
  input,
  run: runCommand,
});

async function runCommand(args: RunInput, context: ToolContext): Promise<Reply> {
  const request = requestOf(args);
  const targets = await targetsOf(args.on, context);
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) {
    const { command, ...more } = await runOn(only, request, args, context);
    const screen = await fullScreenReply(command, { maxOutput: args.max_output, ...more }, context);
    if (screen !== undefined) return screen;
    return replyOf(await showCommand(command, { maxOutput: args.max_output, redact: context.redact, ...more }));
  }
  const { progress } = context;
  const turns = progress === undefined ? undefined : new ProgressTurns(progress);
  const outcomes = await Promise.all(
    targets.map((on) =>
      outcomeOn(on, request, args, { ...context, progress: turns && ((message) => turns.report(on, message)) }),
    ),
  );
  return combineReplies(outcomes, { maxOutput: args.max_output, redact: context.redact });
}

/** What `on` names, each once, with groups taken apart. */
async function targetsOf(on: RunInput["on"], { config }: ToolContext): Promise<readonly string[]> {
  const names = [...new Set(typeof on === "string" ? [on] : on)].map(checkedTarget);
  const targets = await config.expand(names);
  if (targets.length <= mostTargets) return targets;
  throw new HoldfastError("too_large", `${targets.length} targets are too many for one call`, {
    hint: `Name at most ${mostTargets} at a time`,
  });
}

async function outcomeOn(
  on: string,
  request: RunRequest,
  args: RunInput,
  context: ToolContext,
): Promise<TargetOutcome> {
  try {
    return { on, ...(await runOn(on, request, args, context)) };
  } catch (thrown) {
    return { on, error: asHoldfastError(thrown) };
  }
}

/** Starts and waits; a caller that cancels interrupts what it started, one that goes away leaves it running. */
async function runOn(on: string, request: RunRequest, args: RunInput, context: ToolContext): Promise<RunOutcome> {
  const started = await startCommand(on, request, args.key, context);
  const { command } = started;
  context.recorder.follow(command);
  const waits = await waitedOut(command, args, context);
  const ours = !started.attached || args.key === undefined;
  const interrupt = cancelIntent(context.signal) === "interrupt" && ours;
  if (interrupt && command.state.kind === "running") await command.stop("INT");
  const notes = notesOf(started, args);
  // A person who has detached reads the reply, too: it is not to be unsure without having asked.
  const { signal } = context;
  const sure = signal.aborted ? command.confirmed(leavingConfirmMs) : command.confirmed(confirmMs, signal);
  if (!(await sure)) notes.push(notConfirmed);
  notes.push(...(await leftAtLimit(command)));
  if (await wantsTerminal(command, waits)) notes.push(wantsTerminalNote);
  return { command, notes, waitsForInput: waits };
}

/** Waits as long as the caller wants to; true when the command waits for input then. */
async function waitedOut(command: CommandView, args: RunInput, context: ToolContext): Promise<boolean> {
  const { signal, progress } = context;
  const waitS = args.wait_s ?? (args.background === true ? 0 : defaultWaitS);
  if (waitS === 0) return false;
  const waitMs = waitLeftMs(waitS * 1_000, context);
  const noticeInput = args.stdin === undefined;
  if (await awaitEnd(command, { waitMs, signal, progress, noticeInput })) return true;
  return noticeInput && waitsForInput(command, signal);
}

function requestOf(args: RunInput): RunRequest {
  const { background, stdin, timeout_s, cwd, env } = args;
  const asUser = asSudoUser(args.sudo);
  return {
    command: checkedCommand(args.command),
    ...(background === true ? { background } : {}),
    ...(stdin === undefined ? {} : { stdin: checkedInput(stdin) }),
    ...(asUser === undefined ? {} : { sudo: asUser }),
    ...terminalOf(args),
    ...(timeout_s === undefined ? {} : { timeoutMs: timeout_s * 1_000 }),
    ...(cwd === undefined ? {} : { cwd: checkedDirectory(cwd) }),
    ...(env === undefined ? {} : { env: checkedEnvironment(env) }),
  };
}

/** The terminal that is asked for, if one is. Throws `bad_input` for what does not go with it, or without it. */
function terminalOf({ pty, cols, rows, stdin }: RunInput): Pick<RunRequest, "terminal"> {
  if (pty !== true) {
    if (cols === undefined && rows === undefined) return {};
    throw new HoldfastError("bad_input", "cols and rows are those of a terminal; nothing was run", {
      hint: "Add pty: true",
    });
  }
  if (stdin === undefined) return { terminal: { columns: cols ?? defaultCols, rows: rows ?? defaultRows } };
  throw new HoldfastError("bad_input", "stdin has no end on a terminal; nothing was run", {
    hint: "Leave stdin out and type with ssh_input",
  });
}

function notesOf(started: StartedCommand, { key }: RunInput): string[] {
  if (!started.attached) return [];
  return [key === undefined ? "the server was restarted meanwhile" : "attached by key"];
}

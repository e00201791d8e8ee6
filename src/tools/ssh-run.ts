import { z } from "zod";
import { asHoldfastError } from "../base/index.ts";
import type { RunRequest } from "../sessions/index.ts";
import { awaitEnd } from "./await-command.ts";
import { cancelIntent } from "./cancel.ts";
import { checkedCommand, checkedDirectory, checkedEnvironment, checkedInput, checkedTarget } from "./checked-text.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import { combineReplies, type TargetOutcome } from "./combine-replies.ts";
import { defaultWaitS, maxOutput, waitSeconds } from "./parameters.ts";
import type { Reply } from "./reply.ts";
import { startCommand, type StartedCommand } from "./start-command.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { refuseUnsupported } from "./unsupported.ts";

/** Targets of one call; more would not fit into one reply. */
const mostTargets = 64;

const input = z.strictObject({
  on: z
    .union([z.string(), z.array(z.string()).min(1).max(mostTargets)])
    .describe("session, alias or user@host[:port]; several: on each, in parallel"),
  command: z.string().describe("shell text"),
  wait_s: waitSeconds("default 30"),
  timeout_s: z.number().positive().max(31_536_000).optional().describe("then TERM, KILL"),
  background: z.boolean().optional().describe("return at once"),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  stdin: z.string().optional().describe("then end of file"),
  sudo: z.union([z.boolean(), z.string()]).optional().describe("true: root; or a user"),
  pty: z.boolean().optional(),
  cols: z.number().int().min(1).max(1_000).optional(),
  rows: z.number().int().min(1).max(1_000).optional(),
  max_output: maxOutput(),
  key: z.string().min(1).max(200).optional().describe("same key: attach, do not run twice"),
});

type RunInput = z.output<typeof input>;

/** `ssh_run`: runs a command in a session, opened if there is none, and waits for its end up to `wait_s`. */
export const sshRun = defineTool({
  name: "ssh_run",
  title: "Run a command over SSH",
  description:
    "Run a command on a host, in a session that keeps directory, variables and functions between calls and survives disconnects. " +
    "Reply: state · duration · place · command id, then stdout, then `--- stderr`. " +
    "What outlives wait_s goes on: the reply says `running` and how to follow it.",
  annotations: { destructiveHint: true },
  input,
  run: runCommand,
});

async function runCommand(args: RunInput, context: ToolContext): Promise<Reply> {
  const { background, sudo, pty, cols, rows } = args;
  refuseUnsupported("ssh_run", { background, sudo, pty, cols, rows });
  const request = requestOf(args);
  const targets = [...new Set(typeof args.on === "string" ? [args.on] : args.on)].map(checkedTarget);
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) {
    const started = await runOn(only, request, args, context);
    return replyOf(
      await showCommand(started.command, {
        maxOutput: args.max_output,
        redact: context.redact,
        notes: notesOf(started),
      }),
    );
  }
  const outcomes = await Promise.all(targets.map((on) => outcomeOn(on, request, args, context)));
  return combineReplies(outcomes, { maxOutput: args.max_output, redact: context.redact });
}

async function outcomeOn(
  on: string,
  request: RunRequest,
  args: RunInput,
  context: ToolContext,
): Promise<TargetOutcome> {
  const { progress } = context;
  const named = progress === undefined ? undefined : (message: string): void => progress(`${on}: ${message}`);
  try {
    const started = await runOn(on, request, args, { ...context, progress: named });
    return { on, command: started.command, notes: notesOf(started) };
  } catch (thrown) {
    return { on, error: asHoldfastError(thrown) };
  }
}

/** Starts and waits; a caller that cancels interrupts what it started, one that goes away leaves it running. */
async function runOn(on: string, request: RunRequest, args: RunInput, context: ToolContext): Promise<StartedCommand> {
  const started = await startCommand(on, request, args.key, context);
  const { command } = started;
  await awaitEnd(command, {
    waitMs: (args.wait_s ?? defaultWaitS) * 1_000,
    signal: context.signal,
    progress: context.progress,
  });
  const interrupt = cancelIntent(context.signal) === "interrupt" && !started.attached;
  if (interrupt && command.state.kind === "running") await command.stop("INT");
  return started;
}

function requestOf(args: RunInput): RunRequest {
  const { stdin, timeout_s, cwd, env } = args;
  return {
    command: checkedCommand(args.command),
    ...(stdin === undefined ? {} : { stdin: checkedInput(stdin) }),
    ...(timeout_s === undefined ? {} : { timeoutMs: timeout_s * 1_000 }),
    ...(cwd === undefined ? {} : { cwd: checkedDirectory(cwd) }),
    ...(env === undefined ? {} : { env: checkedEnvironment(env) }),
  };
}

function notesOf(started: StartedCommand): readonly string[] {
  return started.attached ? ["attached by key"] : [];
}

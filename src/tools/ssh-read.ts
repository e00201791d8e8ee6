import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import { awaitEnd, awaitIdle, awaitOutput, awaitSight, waitLeftMs } from "./await-command.ts";
import { findCommand } from "./command-id.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import type { Offsets } from "./first-line.ts";
import { grepReply } from "./grep-reply.ts";
import { waitsForInput } from "./input-watch.ts";
import { checkedPattern } from "./line-matcher.ts";
import { leftAtLimit } from "./out-of-reach.ts";
import { byteOffset, commandId, defaultWaitS, maxOutput, waitSeconds } from "./parameters.ts";
import { totalBytes } from "./progress-reporter.ts";
import type { ShownStreams } from "./render-output.ts";
import type { Reply } from "./reply.ts";
import { screenLines, screenReply } from "./screen-reply.ts";
import { tailOffsets } from "./tail-offsets.ts";
import { TextWatch } from "./text-watch.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = () =>
  z.strictObject({
    command: commandId(),
    from: byteOffset(),
    from_stderr: byteOffset(),
    wait_s: waitSeconds("default 30"),
    until: z.enum(["end", "output", "idle", "text"]).optional(),
    stream: z.enum(["both", "stdout", "stderr", "screen"]).default("both"),
    tail: z.number().int().min(1).max(100_000).optional().describe("lines"),
    grep: z.string().min(1).max(1_000).optional().describe("regexp; for until text"),
    context: z.number().int().min(0).max(100).optional(),
    max_output: maxOutput(),
    raw: z.boolean().optional(),
  });

type ReadInput = z.output<ReturnType<typeof input>>;

/** `ssh_read`: state and output of a command, from any byte on, waiting for more if wanted. */
export const sshRead = defineTool({
  name: "ssh_read",
  title: "Read output",
  description:
    "State and output of a command, from any byte offset; waits for its end, or output. " +
    "Pass the last `from` to get what is new.",
  annotations: { readOnlyHint: true },
  input,
  run: readCommand,
});

async function readCommand(args: ReadInput, context: ToolContext): Promise<Reply> {
  if (args.stream === "screen") return readScreen(args, context);
  const streams = args.stream;
  const matcher = args.grep === undefined ? undefined : checkedPattern(args.grep);
  const found = await findCommand(context.sessions, args.command);
  context.recorder.goOn(found);
  const ran = found.state.kind === "running";
  const waits = await waitFor(found, args, context);
  // Where its end has come only now, a server that has just attached has not yet heard what its jobs have printed since. The session may be gone by now.
  const ended = ran && found.state.kind !== "running";
  const command = ended ? await findCommand(context.sessions, args.command).catch(() => found) : found;
  refusePastEnd(command, args, streams);
  if (matcher !== undefined) {
    return grepReply(command, {
      matcher,
      from: offsetsOf(args),
      streams,
      contextLines: args.context ?? 0,
      tail: args.tail,
      maxOutput: args.max_output,
      raw: args.raw === true,
      waitsForInput: waits,
      redact: context.redact,
    });
  }
  const from = args.tail === undefined ? offsetsOf(args) : await tailOffsets(command, args.tail, offsetsOf(args));
  return replyOf(
    await showCommand(command, {
      from,
      streams,
      maxOutput: args.max_output,
      raw: args.raw === true,
      waitsForInput: waits,
      notes: await leftAtLimit(command),
      redact: context.redact,
    }),
  );
}

/** How long to wait for a screen to come to rest unless the caller says otherwise: some never do. */
const defaultScreenWaitS = 5;

/** The screen of a command on a terminal, by default when it has come to rest. */
async function readScreen(args: ReadInput, context: ToolContext): Promise<Reply> {
  const command = await findCommand(context.sessions, args.command);
  const until = args.until ?? "idle";
  const wait_s = args.wait_s ?? (until === "idle" ? defaultScreenWaitS : defaultWaitS);
  const waits = await waitFor(command, { ...args, until, wait_s }, context);
  // A server that has just attached learns what runs on terminals a little later.
  const size = (await findCommand(context.sessions, args.command)).terminal ?? command.terminal;
  if (size === undefined) {
    throw new HoldfastError("unsupported", `${command.id} has no terminal, and so no screen`, {
      hint: "Call it without stream, or run the command with pty: true",
    });
  }
  const { from, tail } = args;
  return screenReply(command, size, { from, tail, maxOutput: args.max_output, waitsForInput: waits }, context);
}

/** Waits as long as the caller wants to; true when the command waits for input then. */
async function waitFor(command: CommandView, args: ReadInput, context: ToolContext): Promise<boolean> {
  const waitMs = waitLeftMs((args.wait_s ?? defaultWaitS) * 1_000, context);
  const options = { waitMs, signal: context.signal, progress: context.progress, noticeInput: true };
  const until = args.until ?? "end";
  if (until === "idle") await awaitIdle(command, options);
  else if (until === "text") {
    if (await awaitText(command, args, context, options)) return true;
  } else if (until === "output") {
    if (await awaitOutput(command, seenBytes(command, args), options)) return true;
  } else if (await awaitEnd(command, options)) return true;
  return waitsForInput(command, context.signal);
}

/** Waits until a line matches `grep`, of the output from the given offset on or on the screen; true when the command waits for input before. */
async function awaitText(
  command: CommandView,
  args: ReadInput,
  context: ToolContext,
  options: Parameters<typeof awaitSight>[2],
): Promise<boolean> {
  if (args.grep === undefined) {
    throw new HoldfastError("bad_input", "until text waits for what grep says, and that is missing", {
      hint: "Pass grep, or another until",
    });
  }
  const watch = new TextWatch(checkedPattern(args.grep));
  const { screens, redact } = context;
  const onScreen = async (): Promise<boolean> => {
    const drawn = command.terminal === undefined ? undefined : await screens.draw(command, command.terminal);
    return drawn === undefined ? false : watch.among(screenLines(drawn.view, redact));
  };
  const streams = args.stream === "both" ? (["stdout", "stderr"] as const) : [args.stream];
  try {
    const inOutput = watch.output(command, { streams: streams.filter(isOutput), from: offsetsOf(args), redact });
    return await awaitSight(command, args.stream === "screen" ? onScreen : inOutput, options);
  } finally {
    await watch.close();
  }
}

function isOutput(stream: ReadInput["stream"]): stream is OutputStream {
  return stream === "stdout" || stream === "stderr";
}

/** What the caller has seen: up to its offset, or all there is when it names none. */
function seenBytes(command: CommandView, args: ReadInput): number {
  if (args.from === undefined && args.from_stderr === undefined) return totalBytes(command);
  if (args.stream === "stderr") return command.stdoutBytes + (args.from_stderr ?? args.from ?? 0);
  return (args.from ?? 0) + (args.from_stderr ?? (args.stream === "stdout" ? command.stderrBytes : 0));
}

function offsetsOf(args: ReadInput): Offsets {
  if (args.stream === "stderr") return { stdout: 0, stderr: args.from_stderr ?? args.from ?? 0 };
  return { stdout: args.from ?? 0, stderr: args.from_stderr ?? 0 };
}

/** A running command may still get there (and after a reconnect its size is not known at once); an ended one will not. */
function refusePastEnd(command: CommandView, args: ReadInput, streams: ShownStreams): void {
  if (command.state.kind === "running") return;
  const from = offsetsOf(args);
  for (const stream of streams === "both" ? (["stdout", "stderr"] as const) : [streams]) {
    const size = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
    if (from[stream] <= size) continue;
    throw new HoldfastError(
      "bad_input",
      `byte ${from[stream]} is past the end of ${command.id}, whose ${stream} has ${size} bytes`,
      {
        hint: `Read from ${size} at most, or leave the offset out`,
      },
    );
  }
}

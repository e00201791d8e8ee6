import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { CommandView } from "../sessions/index.ts";
import { awaitEnd } from "./await-command.ts";
import { findCommand } from "./command-id.ts";
import { defaultMaxOutput, replyOf, showCommand } from "./command-reply.ts";
import { commandId } from "./parameters.ts";
import type { Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

type StopSignal = "INT" | "TERM" | "KILL";

/** How long a signalled command has to end before the reply says that it still runs. */
const patienceMs = 3_000;

/** With `escalate`: INT, TERM and KILL, each with this long to work; together 10 s. */
const escalation: readonly { readonly signal: StopSignal; readonly waitMs: number }[] = [
  { signal: "INT", waitMs: 3_000 },
  { signal: "TERM", waitMs: 3_000 },
  { signal: "KILL", waitMs: 4_000 },
];

const input = z.strictObject({
  command: commandId(),
  signal: z.enum(["INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT"]).default("INT"),
  escalate: z.boolean().optional().describe("INT, TERM, KILL in 10 s"),
});

/** `ssh_stop`: interrupts or signals a command's processes on the host. */
export const sshStop = defineTool({
  name: "ssh_stop",
  title: "Stop a command",
  description: "Interrupt (Ctrl+C) or signal a running command. Replies with its state and the output so far.",
  annotations: { destructiveHint: true },
  input,
  run: stopCommand,
});

async function stopCommand(args: z.output<typeof input>, context: ToolContext): Promise<Reply> {
  const signal = supportedSignal(args.signal);
  const command = await findCommand(context.sessions, args.command);
  const hadEnded = command.state.kind !== "running";
  const steps =
    args.escalate === true
      ? escalation.slice(escalation.findIndex((step) => step.signal === signal))
      : [{ signal, waitMs: patienceMs }];
  for (const step of steps) await stopWith(command, step, context);
  return replyOf(
    await showCommand(command, {
      maxOutput: defaultMaxOutput,
      redact: context.redact,
      notes: hadEnded ? ["had already ended"] : [],
    }),
  );
}

async function stopWith(
  command: CommandView,
  step: { readonly signal: StopSignal; readonly waitMs: number },
  context: ToolContext,
): Promise<void> {
  if (command.state.kind !== "running" || context.signal.aborted) return;
  await command.stop(step.signal);
  await awaitEnd(command, { waitMs: step.waitMs, signal: context.signal, progress: context.progress });
}

function supportedSignal(signal: z.output<typeof input>["signal"]): StopSignal {
  if (signal === "INT" || signal === "TERM" || signal === "KILL") return signal;
  throw new HoldfastError("unsupported", `ssh_stop cannot send ${signal} in this version; nothing was sent`, {
    hint: "Use INT, TERM or KILL, or run kill yourself with ssh_run",
  });
}

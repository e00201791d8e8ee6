import { floorOf } from "./watching/floor-book.ts";
import { z } from "zod";
import { HoldfastError } from "../base/index.ts";
import type { CommandView, StopSignal } from "../sessions/index.ts";
import { awaitEnd, awaitOutput } from "./await-command.ts";
import { findCommand } from "./command-id.ts";
import { defaultMaxOutput, replyOf, showCommand } from "./command-reply.ts";
import { totalBytes } from "./progress-reporter.ts";
import { leftBy } from "./out-of-reach.ts";
import type { Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** How long a command that was told to end has to do so before the reply says that it still runs. */
const patienceMs = 3_000;

/** What outlives its processes by 3 s is killed with its shell: the reply waits for that too. */
const killPatienceMs = 6_000;

/** A command that was sent USR1 or USR2 goes on as a rule; what it prints within this time is shown. */
const answerMs = 1_000;

/** With `escalate`: INT, TERM and KILL, each with this long to work; together 10 s. */
const escalation: readonly SignalStep[] = [
  { signal: "INT", waitMs: 2_500 },
  { signal: "TERM", waitMs: 2_500 },
  { signal: "KILL", waitMs: 5_000 },
];

interface SignalStep {
  readonly signal: StopSignal;
  readonly waitMs: number;
}

const input = () =>
  z.strictObject({
    command: z.string(),
    signal: z.enum(["INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT"]).default("INT"),
    escalate: z.boolean().optional().describe("INT, TERM, KILL in 10 s"),
  });

/** `ssh_stop`: interrupts or signals a command's processes on the host. */
export const sshStop = defineTool({
  name: "ssh_stop",
  title: "Stop a command",
  description: "Interrupt (Ctrl+C) or signal a running command.",
  annotations: {},
  input,
  run: stopCommand,
});

async function stopCommand(args: z.output<ReturnType<typeof input>>, context: ToolContext): Promise<Reply> {
  const { signal } = args;
  const alone = { signal, waitMs: signal === "KILL" ? killPatienceMs : patienceMs };
  const steps = args.escalate === true ? escalateFrom(signal) : [alone];
  const command = await findCommand(context.sessions, args.command);
  context.floors.refuseTaken(floorOf(command), "no signal was sent");
  const hadEnded = command.state.kind !== "running";
  let sent: StopSignal | undefined;
  for (const step of steps) {
    if (command.state.kind !== "running" || context.signal.aborted) break;
    await command.stop(step.signal);
    sent = step.signal;
    await seeEffect(command, step, context);
  }
  const stillRuns = command.state.kind === "running" && sent !== undefined;
  const beyond = canEnd(sent) ? await leftBy(command) : [];
  const notes = [...(hadEnded ? ["had already ended"] : []), ...(stillRuns ? [`${sent} was sent`] : []), ...beyond];
  return replyOf(await showCommand(command, { maxOutput: defaultMaxOutput, redact: context.redact, notes }));
}

function canEnd(signal: StopSignal | undefined): boolean {
  return signal !== undefined && !["USR1", "USR2", "STOP", "CONT"].includes(signal);
}

/** Waits for what the signal brings about: an end, an answer, or nothing where none is to be expected. */
async function seeEffect(command: CommandView, step: SignalStep, context: ToolContext): Promise<void> {
  const { signal, progress } = context;
  if (step.signal === "STOP" || step.signal === "CONT") return;
  if (step.signal === "USR1" || step.signal === "USR2") {
    await awaitOutput(command, totalBytes(command), { waitMs: answerMs, signal, progress });
  } else await awaitEnd(command, { waitMs: step.waitMs, signal, progress });
}

/** The steps from `first` on; HUP and QUIT take the place of INT. */
function escalateFrom(first: StopSignal): readonly SignalStep[] {
  if (first === "HUP" || first === "QUIT") return [{ signal: first, waitMs: 2_500 }, ...escalation.slice(1)];
  const at = escalation.findIndex((step) => step.signal === first);
  if (at !== -1) return escalation.slice(at);
  throw new HoldfastError("bad_input", `ssh_stop cannot escalate from ${first}: it does not end a command`, {
    hint: "Leave signal out, or leave escalate out to send it alone",
  });
}

import type { ApprovalDesk } from "../approvals/index.ts";
import { HoldfastError, asHoldfastError, renderError } from "../base/index.ts";
import { CallAttendant, type CallAsker } from "./call-attendant.ts";
import type { Gate, GateCall } from "./gate.ts";
import type { Reply } from "./reply.ts";
import type { ReadyCall, Tool, ToolContext } from "./tool.ts";

interface ToolRun {
  readonly tool: Tool;
  readonly args: unknown;
  readonly client: string;
  readonly gate: Gate;
  /** Where questions to people lie; without one, nobody is asked. */
  readonly desk: ApprovalDesk | undefined;
  /** How the person behind this call can be asked; undefined when its client cannot. */
  readonly asker: CallAsker | undefined;
  readonly context: Omit<ToolContext, "redact">;
}

/**
 * The one gate that every call passes: parse, policy, approval, audit begin, tool (which keeps to its budget and renders),
 * redact, audit end. Never rejects: what goes wrong becomes an error reply.
 */
export async function runTool(run: ToolRun): Promise<Reply> {
  const { gate } = run;
  try {
    const reply = await passGate(run);
    return { ...reply, text: gate.redact(reply.text) };
  } catch (thrown) {
    return { text: gate.redact(renderError(asHoldfastError(thrown))), isError: true };
  }
}

async function passGate(run: ToolRun): Promise<Reply> {
  const { tool, desk } = run;
  const ready = tool.parse(run.args);
  const { progress } = run.context;
  const redacted = progress && ((message: string) => progress(run.gate.redact(message)));
  const context = { ...run.context, progress: redacted };
  if (desk === undefined) return passStations(run, ready, context);
  const attendant = new CallAttendant({
    tool: tool.name,
    args: ready.args,
    asker: run.asker,
    progress: redacted,
    hide: run.gate.redact,
  });
  try {
    return attendant.annotate(await desk.attend(attendant, () => passStations(run, ready, context)));
  } catch (thrown) {
    throw attendant.explain(asHoldfastError(thrown));
  }
}

async function passStations(run: ToolRun, ready: ReadyCall, context: Omit<ToolContext, "redact">): Promise<Reply> {
  const { tool, gate } = run;
  const call: GateCall = { tool: tool.name, args: ready.args, caller: { client: run.client } };
  await admit(call, gate, context.signal);
  const entry = await gate.beginAudit(call);
  try {
    const reply = await ready.run({ ...context, redact: gate.redact });
    await entry.end({ reply });
    return reply;
  } catch (thrown) {
    await entry.end({ thrown });
    throw thrown;
  }
}

async function admit(call: GateCall, gate: Gate, signal: AbortSignal): Promise<void> {
  const verdict = await gate.judge(call);
  if (verdict.kind === "allow") return;
  if (verdict.kind === "ask" && (await gate.approve(call, verdict.reason, signal))) return;
  const why = verdict.kind === "ask" ? `${verdict.reason}; nobody allowed it` : verdict.reason;
  throw new HoldfastError("denied_by_policy", `${call.tool} was not run: ${why}`, {
    hint: "Ask the person you work for, or find another way",
  });
}

import { HoldfastError, asHoldfastError, renderError } from "../base/index.ts";
import type { Gate, GateCall } from "./gate.ts";
import type { Reply } from "./reply.ts";
import type { Tool, ToolContext } from "./tool.ts";

interface ToolRun {
  readonly tool: Tool;
  readonly args: unknown;
  readonly client: string;
  readonly gate: Gate;
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
  const { tool, gate, context } = run;
  const ready = tool.parse(run.args);
  const call: GateCall = { tool: tool.name, args: ready.args, caller: { client: run.client } };
  await admit(call, gate, context.signal);
  const entry = await gate.beginAudit(call);
  try {
    const reply = await ready.run({ ...context, redact: (text) => gate.redact(text) });
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

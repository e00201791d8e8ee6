import { z } from "zod";
import { HoldfastError, asHoldfastError, oneLine, renderError } from "../base/index.ts";
import type { CloseReport, SessionSummary } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { distantNotes } from "./out-of-reach.ts";
import { result, type Reply } from "./reply.ts";
import { tunnelClosedLine } from "./tunnel-lines.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** Room for what is left on a host. */
const longestLeft = 300;

const input = () =>
  z.strictObject({
    session: z.string().optional(),
    tunnel: z.string().optional(),
    all: z.boolean().optional().describe("or all of owner"),
    owner: z.string().max(64).optional(),
    force: z.boolean().optional().describe("even if unreachable"),
  });

type CloseInput = z.output<ReturnType<typeof input>>;

/** `ssh_close`: ends sessions with their tunnels and removes what they keep on their hosts; or ends one tunnel. */
export const sshClose = defineTool({
  name: "ssh_close",
  title: "Close sessions, tunnels",
  description: "End sessions with their commands and tunnels; removes what is kept on the host.",
  annotations: {},
  input,
  run: closeSessions,
});

async function closeSessions(args: CloseInput, context: ToolContext): Promise<Reply> {
  if (args.tunnel !== undefined) return closeTunnel(args, args.tunnel, context);
  const force = args.force === true;
  if (args.session !== undefined && args.all !== true) {
    const name = checkedTarget(args.session);
    if (args.owner !== undefined) await refuseOtherOwner(name, args.owner, context);
    return result(closedLine(await context.sessions.close(name, force)));
  }
  if (args.session !== undefined || args.all !== true) {
    throw new HoldfastError("bad_input", "ssh_close needs a session, a tunnel, or all:true", {
      hint: 'ssh_list {"what":"sessions"} shows the sessions, ssh_list {"what":"tunnels"} the tunnels',
    });
  }
  return closeAll(args.owner, force, context);
}

async function closeAll(owner: string | undefined, force: boolean, context: ToolContext): Promise<Reply> {
  const { tunnels } = context.sessions;
  const sessions = await context.sessions.list(owner === undefined ? {} : { owner });
  const lines = await Promise.all(sessions.map((session) => closeOne(session, force, context)));
  // Those of sessions are closed with them; a tunnel on a target has no owner.
  const others = owner === undefined ? tunnels.list() : [];
  for (const { id } of others) lines.push(result(tunnelClosedLine(await tunnels.close(id))));
  if (lines.length === 0) return result("closed · no sessions");
  return { text: lines.map((line) => line.text).join("\n"), isError: lines.every((line) => line.isError) };
}

async function closeTunnel(args: CloseInput, id: string, context: ToolContext): Promise<Reply> {
  if (args.session !== undefined || args.all === true) {
    throw new HoldfastError("bad_input", "ssh_close takes a tunnel or a session, not both", {
      hint: "A session's tunnels are closed with it",
    });
  }
  return result(tunnelClosedLine(await context.sessions.tunnels.close(id)));
}

async function closeOne({ name }: SessionSummary, force: boolean, context: ToolContext): Promise<Reply> {
  try {
    return result(closedLine(await context.sessions.close(name, force)));
  } catch (thrown) {
    return { text: `${name}: ${renderError(asHoldfastError(thrown))}`, isError: true };
  }
}

async function refuseOtherOwner(name: string, owner: string, context: ToolContext): Promise<void> {
  const session = await context.sessions.get(name);
  if (session.owner === owner) return;
  const whose = session.owner === undefined ? "nobody" : JSON.stringify(session.owner);
  throw new HoldfastError("bad_input", `${name} belongs to ${whose}, not to ${JSON.stringify(owner)}`, {
    hint: "Leave owner out to close it nevertheless",
  });
}

function closedLine(report: CloseReport): string {
  const stopped = report.stopped.length === 0 ? [] : [`stopped ${report.stopped.join(", ")}`];
  const unfinished = report.unfinished === undefined ? [] : [oneLine(report.unfinished, longestLeft)];
  const left = report.left === undefined ? [] : [`left on the host: ${oneLine(report.left, longestLeft)}`];
  const { tunnels = [], outOfReach } = report;
  const distant = outOfReach === undefined ? [] : distantNotes(outOfReach.target, outOfReach.pids);
  const shut = tunnels.length === 0 ? [] : [`closed ${tunnels.join(", ")}`];
  const nothing = stopped.length + left.length === 0 ? ["no command was running"] : [];
  return ["closed", report.session, ...stopped, ...nothing, ...unfinished, ...shut, ...left, ...distant].join(" · ");
}

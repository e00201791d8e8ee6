import { z } from "zod";
import { HoldfastError, asHoldfastError, oneLine, renderError } from "../base/index.ts";
import type { CloseReport } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { refuseUnsupported } from "./unsupported.ts";

const input = z.strictObject({
  session: z.string().optional(),
  tunnel: z.string().optional(),
  all: z.boolean().optional().describe("or all of owner"),
  owner: z.string().max(64).optional(),
  force: z.boolean().optional(),
});

type CloseInput = z.output<typeof input>;

/** `ssh_close`: ends sessions and removes what they keep on their hosts. */
export const sshClose = defineTool({
  name: "ssh_close",
  title: "Close sessions",
  description: "End sessions: running commands are stopped, what is kept on the host is removed.",
  annotations: { destructiveHint: true },
  input,
  run: closeSessions,
});

async function closeSessions(args: CloseInput, context: ToolContext): Promise<Reply> {
  refuseUnsupported("ssh_close", { tunnel: args.tunnel, force: args.force });
  if (args.session !== undefined && args.all !== true) {
    return result(closedLine(await context.sessions.close(checkedTarget(args.session))));
  }
  if (args.session !== undefined || args.all !== true) {
    throw new HoldfastError("bad_input", "ssh_close needs a session, or all:true", {
      hint: 'ssh_list {"what":"sessions"} shows the sessions',
    });
  }
  return closeAll(args.owner, context);
}

async function closeAll(owner: string | undefined, context: ToolContext): Promise<Reply> {
  const sessions = await context.sessions.list(owner === undefined ? {} : { owner });
  if (sessions.length === 0) return result("closed · no sessions");
  const lines = await Promise.all(sessions.map((session) => closeOne(session.name, context)));
  return { text: lines.map((line) => line.text).join("\n"), isError: lines.every((line) => line.isError) };
}

async function closeOne(name: string, context: ToolContext): Promise<Reply> {
  try {
    return result(closedLine(await context.sessions.close(name)));
  } catch (thrown) {
    return { text: `${name}: ${renderError(asHoldfastError(thrown))}`, isError: true };
  }
}

function closedLine(report: CloseReport): string {
  const stopped = report.stopped.length === 0 ? "no command was running" : `stopped ${report.stopped.join(", ")}`;
  const left = report.left === undefined ? [] : [`left on the host: ${oneLine(report.left, 300)}`];
  return ["closed", report.session, stopped, ...left].join(" · ");
}

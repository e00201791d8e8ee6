import { z } from "zod";
import { oneLine } from "../base/index.ts";
import type { SessionSummary, TargetSummary } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { listCommands } from "./list-commands.ts";
import { listTunnels } from "./list-tunnels.ts";
import { age, renderListing, type Listing } from "./listing.ts";
import { result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = () =>
  z.strictObject({
    what: z.enum(["targets", "sessions", "commands", "tunnels"]).default("sessions"),
    session: z.string().optional().describe("or target: finds what is left there"),
    state: z.string().max(20).optional().describe("attached, running, exit, lost"),
    owner: z.string().max(64).optional(),
    limit: z.number().int().min(1).max(1_000).default(50),
  });

type ListInput = z.output<ReturnType<typeof input>>;

/** `ssh_list`: the targets, sessions, commands and tunnels there are. */
export const sshList = defineTool({
  name: "ssh_list",
  title: "List",
  description: "List targets (hosts you can name), sessions, commands or tunnels.",
  annotations: { readOnlyHint: true },
  input,
  run: list,
});

async function list(args: ListInput, context: ToolContext): Promise<Reply> {
  return result(renderListing(await listingOf(args, context), args.limit));
}

async function listingOf(args: ListInput, context: ToolContext): Promise<Listing> {
  switch (args.what) {
    case "targets":
      return listTargets(args, context);
    case "sessions":
      return listSessions(args, context);
    case "commands":
      return listCommands(args, context.sessions);
    case "tunnels":
      return listTunnels(context.sessions.tunnels, args.session);
  }
}

async function listTargets(args: ListInput, context: ToolContext): Promise<Listing> {
  const [targets, complaint] = [await context.sessions.targets(), context.config.complaint()];
  const chosen = targets.filter((target) => args.session === undefined || target.alias === args.session);
  return {
    noun: "targets",
    lines: chosen.map(targetLine),
    hint: "any user@host:port works too",
    ...(complaint === undefined ? {} : { notes: [`note · ${oneLine(complaint, 500)}`] }),
  };
}

/** `web1 · the first web server · @web · config.yaml`. */
function targetLine({ alias, description, tags, source }: TargetSummary): string {
  const groups = tags.map((tag) => `@${tag}`).join(" ");
  return [alias, description ?? "", groups, source]
    .filter((text) => text !== "")
    .map((text) => oneLine(text, 200))
    .join(" · ");
}

async function listSessions(args: ListInput, context: ToolContext): Promise<Listing> {
  const sessions = await chosenSessions(args, context);
  const chosen = sessions.filter(
    (session) =>
      args.state === undefined ||
      session.state === args.state ||
      (args.state === "running" && session.running.length > 0),
  );
  return { noun: "sessions", lines: chosen.map(sessionLine), hint: "ssh_run opens one" };
}

async function chosenSessions(args: ListInput, context: ToolContext): Promise<readonly SessionSummary[]> {
  const owner = args.owner === undefined ? {} : { owner: args.owner };
  if (args.session === undefined) return context.sessions.list(owner);
  const on = checkedTarget(args.session);
  const known = (await context.sessions.list(owner)).filter((session) => session.name === on);
  return known.length > 0 ? known : context.sessions.list({ ...owner, target: on });
}

function sessionLine(session: SessionSummary): string {
  const owner = session.owner === undefined ? [] : [`owner ${oneLine(session.owner, 64)}`];
  const running = session.running.length === 0 ? [] : [`running ${session.running.join(", ")}`];
  const directory = session.directory === undefined ? "?" : oneLine(session.directory, 200);
  return [
    session.name,
    session.state,
    `${session.address}:${directory}`,
    `since ${age(session.startedAtMs)}`,
    ...owner,
    ...running,
  ].join(" · ");
}

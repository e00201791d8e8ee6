import { z } from "zod";
import { HoldfastError, oneLine, wallMs } from "../base/index.ts";
import type { CommandView, SessionSummary, SessionView } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { seconds, stateWord } from "./first-line.ts";
import { count, result, type Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** A command's text in a list is cut here. */
const longestCommandText = 100;

const input = z.strictObject({
  what: z.enum(["targets", "sessions", "commands", "tunnels"]).default("sessions"),
  session: z.string().optional().describe("or a target: finds what is left on it"),
  state: z.string().max(20).optional().describe("attached, running, exit, lost, ..."),
  owner: z.string().max(64).optional(),
  limit: z.number().int().min(1).max(1_000).default(50),
});

type ListInput = z.output<typeof input>;

interface Listing {
  readonly noun: string;
  readonly lines: readonly string[];
  readonly hint: string;
}

/** `ssh_list`: the targets, sessions and commands there are. */
export const sshList = defineTool({
  name: "ssh_list",
  title: "List what there is",
  description: "List targets (hosts you can name), sessions, or commands with state and id.",
  annotations: { readOnlyHint: true },
  input,
  run: list,
});

async function list(args: ListInput, context: ToolContext): Promise<Reply> {
  const listing = await listingOf(args, context);
  const { lines, noun, hint } = listing;
  if (lines.length === 0) return result(`0 ${noun} · ${hint}`);
  const shown = lines.slice(0, args.limit);
  const more = lines.length - shown.length;
  const head = `${count(lines.length)} ${lines.length === 1 ? noun.replace(/s$/, "") : noun}${more > 0 ? ` · ${count(more)} not shown: raise limit` : ""}`;
  return result([head, ...shown].join("\n"));
}

async function listingOf(args: ListInput, context: ToolContext): Promise<Listing> {
  switch (args.what) {
    case "targets":
      return listTargets(args, context);
    case "sessions":
      return listSessions(args, context);
    case "commands":
      return listCommands(args, context);
    case "tunnels":
      throw new HoldfastError("unsupported", "there are no tunnels in this version", {
        hint: "List targets, sessions or commands",
      });
  }
}

async function listTargets(args: ListInput, context: ToolContext): Promise<Listing> {
  const targets = await context.sessions.targets();
  const chosen = targets.filter((target) => args.session === undefined || target.alias === args.session);
  return {
    noun: "targets",
    lines: chosen.map((target) =>
      [target.alias, target.address, target.source].map((text) => oneLine(text, 200)).join(" · "),
    ),
    hint: "any user@host:port works too",
  };
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

async function listCommands(args: ListInput, context: ToolContext): Promise<Listing> {
  const lists = await Promise.all(
    (await commandSessions(args, context)).map((session) => session.commands(args.limit)),
  );
  const commands = lists.flat().filter((command) => args.state === undefined || matchesState(command, args.state));
  commands.sort((one, other) => other.startedAtMs - one.startedAtMs);
  return { noun: "commands", lines: commands.map(commandLine), hint: "ssh_run starts one" };
}

async function commandSessions(args: ListInput, context: ToolContext): Promise<readonly SessionView[]> {
  if (args.session !== undefined) return [await context.sessions.get(checkedTarget(args.session))];
  const owner = args.owner === undefined ? {} : { owner: args.owner };
  const found = await Promise.allSettled(
    (await context.sessions.list(owner)).map((session) => context.sessions.get(session.name)),
  );
  return found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

function matchesState(command: CommandView, state: string): boolean {
  const word = stateWord(command.state);
  return word === state || command.state.kind === state || word.split(" ")[0] === state;
}

function commandLine(command: CommandView): string {
  return [
    command.id,
    stateWord(command.state),
    seconds(command.durationMs),
    oneLine(command.text, longestCommandText),
  ].join(" · ");
}

function age(startedAtMs: number): string {
  const minutes = Math.floor((wallMs() - startedAtMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}

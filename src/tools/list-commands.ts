import { HoldfastError, asHoldfastError, oneLine, renderError, timeIsUp, withDeadline } from "../base/index.ts";
import type { CommandView, SessionBook } from "../sessions/index.ts";
import { checkedTarget } from "./checked-text.ts";
import { seconds, stateWord } from "./first-line.ts";
import type { Listing } from "./listing.ts";

/** A command's text in a list is cut here. */
const longestCommandText = 100;

/** As many as a session remembers: the head counts them all, and those of one state may be among the oldest. */
const allCommands = 10_000;

/** One host that does not answer must not keep the commands of the others from being listed. */
const askLimitMs = 10_000;

/** Which commands are wanted. */
interface CommandFilter {
  readonly session?: string | undefined;
  readonly state?: string | undefined;
  readonly owner?: string | undefined;
}

type Asked = { readonly commands: readonly CommandView[] } | { readonly note: string };

/** The commands of one session or of all, newest first; a session that cannot be asked is named with the reason. */
export async function listCommands(filter: CommandFilter, sessions: SessionBook): Promise<Listing> {
  const asked = await askedSessions(filter, sessions);
  const commands = asked
    .flatMap((one) => ("commands" in one ? one.commands : []))
    .filter((command) => filter.state === undefined || matchesState(command, filter.state))
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs || other.number - one.number);
  const notes = asked.flatMap((one) => ("note" in one ? [one.note] : []));
  return { noun: "commands", lines: commands.map(commandLine), hint: "ssh_run starts one", notes };
}

async function askedSessions(filter: CommandFilter, sessions: SessionBook): Promise<readonly Asked[]> {
  if (filter.session !== undefined) {
    const session = await sessions.get(checkedTarget(filter.session));
    return [{ commands: await session.commands(allCommands) }];
  }
  const known = await sessions.list(filter.owner === undefined ? {} : { owner: filter.owner });
  return Promise.all(known.map(({ name }) => ask(name, sessions)));
}

async function ask(name: string, sessions: SessionBook): Promise<Asked> {
  try {
    const session = await sessions.get(name);
    const commands = await withDeadline(session.commands(allCommands), askLimitMs);
    if (commands !== timeIsUp) return { commands };
    throw new HoldfastError("timed_out", `its host did not answer within ${askLimitMs / 1_000} s`);
  } catch (thrown) {
    return { note: `${name} could not be asked: ${renderError(asHoldfastError(thrown))}` };
  }
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

import { HoldfastError, delay } from "../base/index.ts";
import type { CommandView, SessionBook } from "../sessions/index.ts";
import { findCommand } from "./command-id.ts";
import { sessionOf, stateWord } from "./first-line.ts";
import { followNewestTerminal, newestTerminal } from "./session-screen.ts";

/** Changes of one command are told at most this often: two times a second. */
const changePeriodMs = 500;

/** Commands of each session that are looked through for running terminals. */
const mostLooked = 200;

/** A wait for a change is begun anew after this time; nothing hangs on it. */
const lookEveryMs = 60_000;

/** A command as a list shows it. */
export interface CatalogCommand {
  /** `<session>/<n>`. */
  readonly id: string;
  /** Undefined where only its id is known. */
  readonly text: string | undefined;
  /** The state in words, as a reply begins. */
  readonly state: string;
}

/** A command that was found, to be followed. */
export interface FollowedCommand {
  /** Calls `onChange` after output or the end, at most twice a second. Resolves when the command has ended or `signal` aborts. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** The newest terminal of a session, to be followed from one terminal to the next. */
export interface FollowedScreen extends FollowedCommand {
  /** The command on it now. */
  readonly id: string;
}

/** What there is, for lists and completion, and when it changes. No host is asked for a list; reading is a tool's affair. */
export interface Catalog {
  targets(): Promise<readonly string[]>;
  sessions(): Promise<readonly string[]>;
  /** The newest `limit` commands that are known here. */
  commands(limit: number): Promise<readonly CatalogCommand[]>;
  /** Rejects with `bad_input`, `session_unknown` or `command_unknown`. */
  find(commandId: string): Promise<FollowedCommand>;
  /** Attached sessions in which a command runs on a terminal. */
  screens(): Promise<readonly string[]>;
  /** The newest terminal of a session. Rejects with `session_unknown`, and with `command_unknown` where it has none. */
  screenOf(session: string): Promise<FollowedScreen>;
}

/** A catalog of nothing. */
export const emptyCatalog: Catalog = {
  targets: async () => [],
  sessions: async () => [],
  commands: async () => [],
  find: async (id) => {
    throw new HoldfastError("command_unknown", `there is no command ${id}`);
  },
  screens: async () => [],
  screenOf: async (session) => {
    throw noScreen(session);
  },
};

function noScreen(session: string): HoldfastError {
  return new HoldfastError("session_unknown", `there is no session "${session}"`);
}

/** The catalog of a session book; `redact` goes over what was typed. */
export function createCatalog(book: SessionBook, redact: (text: string) => string): Catalog {
  return {
    targets: async () => (await book.targets()).map((target) => target.alias),
    sessions: async () => (await book.list({})).map((session) => session.name),
    commands: async (limit) => {
      const commands = await knownCommands(book, limit);
      return commands.map((command) => ({ ...command, text: command.text && redact(command.text) }));
    },
    find: async (id) => {
      const command = await findCommand(book, id);
      return { follow: (onChange, signal) => follow(command, onChange, signal) };
    },
    screens: async () => {
      const commands = await commandsHere(book, mostLooked);
      const onTerminals = commands.filter(({ state, terminal }) => state.kind === "running" && terminal !== undefined);
      return [...new Set(onTerminals.map(({ id }) => sessionOf(id)))];
    },
    screenOf: async (name) => {
      const session = await book.get(name);
      const { id } = await newestTerminal(session);
      return { id, follow: (onChange, signal) => followNewestTerminal(session, onChange, signal) };
    },
  };
}

/** Commands of sessions that are attached; of the others only what runs, because more would mean to dial their hosts. */
async function knownCommands(book: SessionBook, limit: number): Promise<readonly CatalogCommand[]> {
  const sessions = await book.list({});
  const commands = (await commandsHere(book, limit)).map(({ id, text, state }) => ({
    id,
    text,
    state: stateWord(state),
  }));
  const others = sessions
    .filter((session) => session.state !== "attached")
    .flatMap(({ running }) => running.map((id) => ({ id, text: undefined, state: "running" })));
  return [...commands, ...others].slice(0, limit);
}

/** The newest `limit` commands of each attached session, the newest first. */
async function commandsHere(book: SessionBook, limit: number): Promise<readonly CommandView[]> {
  const attached = (await book.list({})).filter((session) => session.state === "attached");
  const lists = await Promise.allSettled(
    attached.map(async ({ name }) => {
      const session = await book.get(name);
      return session.commands(limit);
    }),
  );
  return lists
    .flatMap((list) => (list.status === "fulfilled" ? list.value : []))
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs);
}

async function follow(command: CommandView, onChange: () => void, signal: AbortSignal): Promise<void> {
  const stamp = (): string => `${command.state.kind} ${command.stdoutBytes} ${command.stderrBytes}`;
  let told = stamp();
  while (!signal.aborted) {
    const now = stamp();
    if (now !== told) {
      told = now;
      onChange();
      await delay(changePeriodMs, signal);
    } else if (command.state.kind === "running") await command.changed(lookEveryMs, signal);
    else return;
  }
}

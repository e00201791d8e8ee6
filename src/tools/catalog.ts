import { HoldfastError, delay } from "../base/index.ts";
import type { CommandView, SessionBook } from "../sessions/index.ts";
import { findCommand } from "./command-id.ts";
import { stateWord } from "./first-line.ts";

/** Changes of one command are told at most this often: two times a second. */
const changePeriodMs = 500;

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

/** What there is, for lists and completion, and when it changes. No host is asked for a list; reading is a tool's affair. */
export interface Catalog {
  targets(): Promise<readonly string[]>;
  sessions(): Promise<readonly string[]>;
  /** The newest `limit` commands that are known here. */
  commands(limit: number): Promise<readonly CatalogCommand[]>;
  /** Rejects with `bad_input`, `session_unknown` or `command_unknown`. */
  find(commandId: string): Promise<FollowedCommand>;
}

/** A catalog of nothing. */
export const emptyCatalog: Catalog = {
  targets: async () => [],
  sessions: async () => [],
  commands: async () => [],
  find: async (id) => {
    throw new HoldfastError("command_unknown", `there is no command ${id}`);
  },
};

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
  };
}

/** Commands of sessions that are attached; of the others only what runs, because more would mean to dial their hosts. */
async function knownCommands(book: SessionBook, limit: number): Promise<readonly CatalogCommand[]> {
  const sessions = await book.list({});
  const attached = sessions.filter((session) => session.state === "attached");
  const lists = await Promise.allSettled(
    attached.map(async ({ name }) => {
      const session = await book.get(name);
      return session.commands(limit);
    }),
  );
  const commands = lists
    .flatMap((list) => (list.status === "fulfilled" ? list.value : []))
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs)
    .map(({ id, text, state }) => ({ id, text, state: stateWord(state) }));
  const others = sessions
    .filter((session) => session.state !== "attached")
    .flatMap(({ running }) => running.map((id) => ({ id, text: undefined, state: "running" })));
  return [...commands, ...others].slice(0, limit);
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

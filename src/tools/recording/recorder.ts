import { HoldfastError, messageOf, oneLine } from "../../base/index.ts";
import type { CastLog, LogShelf } from "../../logs/index.ts";
import type { CommandView, OutputStream } from "../../sessions/index.ts";
import { sessionOf, stateWord } from "../first-line.ts";
import type { Redact } from "../gate.ts";
import { OutputRedaction } from "./output-redaction.ts";

/** Bytes fetched at once. */
const pieceBytes = 65_536;

/** A wait for a change is begun anew after this time; nothing hangs on it. */
const lookAgainMs = 60_000;

/** What there was of a command that is found running, and whatever is further behind, is written from its end only. */
const mostBehindBytes = 4_194_304;

/** Room for a command's text in marks and titles. */
const longestText = 500;

/** Commands without a terminal share a log that has no size of its own. */
const usualSize = { columns: 120, rows: 40 };

const eventKinds = [
  { stream: "stdout", kind: "o" },
  { stream: "stderr", kind: "e" },
] as const;

/** Sessions whose logs go on when another command runs there; for others a new one is begun. */
const mostSessions = 200;

interface Recorded {
  readonly command: CommandView;
  readonly recorded: Promise<void>;
}

interface RecorderParts {
  readonly shelf: LogShelf | undefined;
  /** Asked for each command: whether it is to be recorded. */
  readonly wanted: () => boolean;
  readonly redact: Redact;
  /** Told once for each command whose log cannot be written. */
  readonly complain: (text: string) => void;
}

/** Writes what commands print to logs on this machine, without secrets: one for each terminal, and one for all other commands of a session. */
export class Recorder {
  readonly #parts: RecorderParts;
  /** Commands that are recorded, or were. */
  readonly #taken = new WeakSet<CommandView>();
  /** The newest command of each session, while it is being recorded. */
  readonly #newest = new Map<string, Recorded>();
  readonly #terminals = new Map<string, CastLog>();
  readonly #sessions = new Map<string, { readonly log: CastLog; users: number }>();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Records a command that was just started, to its end, if it is to be recorded and is not already. */
  follow(command: CommandView): void {
    const { shelf, wanted } = this.#parts;
    if (shelf === undefined || this.#taken.has(command) || !wanted()) return;
    this.#taken.add(command);
    const before = this.#newest.get(sessionOf(command.id));
    const recorded = this.#record(command, shelf, before).catch((thrown: unknown) => {
      this.#parts.complain(`the log of ${command.id} ends here: ${messageOf(thrown)}`);
    });
    this.#remember(command, recorded);
  }

  /** The same for one that may have been started by another process: what it has printed comes first, at once. */
  goOn(command: CommandView): void {
    if (command.state.kind === "running") this.follow(command);
  }

  #remember(command: CommandView, recorded: Promise<void>): void {
    const session = sessionOf(command.id);
    const newest = { command, recorded };
    this.#newest.set(session, newest);
    void recorded.then(() => {
      if (this.#newest.get(session) === newest) this.#newest.delete(session);
    });
  }

  /** What an agent has typed into a command. */
  typed({ id }: CommandView, text: string): void {
    const log = this.#terminals.get(id) ?? this.#sessions.get(sessionOf(id))?.log;
    log?.append("i", this.#parts.redact(text)).catch(() => undefined);
  }

  async #record(command: CommandView, shelf: LogShelf, before: Recorded | undefined): Promise<void> {
    // Commands that ran one after the other are told one after the other.
    if (before !== undefined && before.command.state.kind !== "running") await before.recorded;
    const [log, done] = this.#logOf(command, shelf);
    const { redact } = this.#parts;
    try {
      await log.append("m", `${command.id} $ ${redact(oneLine(command.text, longestText))}`);
      await this.#copy(command, log);
      await log.append("m", `${command.id} ${stateWord(command.state)}`);
    } finally {
      done();
    }
  }

  async #copy(command: CommandView, log: CastLog): Promise<void> {
    const { redact } = this.#parts;
    const streams = eventKinds.map((one) => ({ ...one, at: { bytes: 0 }, text: new OutputRedaction(redact) }));
    const size = new SizeEvents(command);
    for (;;) {
      // Asked before the sizes: what an ended command has printed is all there.
      const running = command.state.kind === "running";
      let news = false;
      for (const { stream, kind, at, text } of streams) {
        const bytes = await nextPiece(command, stream, at, log);
        if (bytes.length === 0) continue;
        news = true;
        await write(log, kind, forPlayers(command, text.add(bytes)));
      }
      const changed = size.next();
      if (changed !== undefined) await log.append("r", changed);
      if (news) continue;
      if (!running) break;
      await command.changed(lookAgainMs);
    }
    for (const { kind, text } of streams) await write(log, kind, forPlayers(command, text.end()));
  }

  /** The log of a command, and what is to be called when it has ended. */
  #logOf(command: CommandView, shelf: LogShelf): readonly [CastLog, () => void] {
    const { id, terminal } = command;
    const { redact } = this.#parts;
    const session = sessionOf(id);
    const { columns, rows } = terminal ?? usualSize;
    if (terminal !== undefined) {
      const title = `${id} ${redact(oneLine(command.text, longestText))}`;
      const log = shelf.begin(
        { width: columns, height: rows, title, session, command: id },
        `terminal-${command.number}`,
      );
      this.#terminals.set(id, log);
      return [log, () => void (this.#terminals.delete(id) && shelf.end(log))];
    }
    const shared = this.#sessions.get(session) ?? {
      log: shelf.begin({ width: columns, height: rows, title: session, session }, "commands"),
      users: 0,
    };
    this.#sessions.delete(session);
    this.#sessions.set(session, shared);
    shared.users += 1;
    this.#forgetOldest(shelf);
    return [shared.log, () => void (shared.users -= 1)];
  }

  #forgetOldest(shelf: LogShelf): void {
    for (const [session, { log, users }] of this.#sessions) {
      if (this.#sessions.size <= mostSessions) return;
      if (users > 0) continue;
      this.#sessions.delete(session);
      shelf.end(log);
    }
  }
}

/** The next bytes of a stream, from `at` on, which moves. What is too much, or gone, is left out, and a mark says so. */
async function nextPiece(
  command: CommandView,
  stream: OutputStream,
  at: { bytes: number },
  log: CastLog,
): Promise<Uint8Array> {
  const total = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  const skipTo = async (offset: number): Promise<void> => {
    await log.append("m", `${command.id} ${offset - at.bytes} bytes of ${stream} left out`);
    at.bytes = offset;
  };
  if (total - at.bytes > mostBehindBytes) await skipTo(total - mostBehindBytes / 4);
  if (total <= at.bytes) return new Uint8Array();
  try {
    const { bytes } = await command.read(stream, at.bytes, Math.min(pieceBytes, total - at.bytes));
    at.bytes += bytes.length;
    return bytes;
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== "output_gone") throw thrown;
    await skipTo(total);
    return new Uint8Array();
  }
}

async function write(log: CastLog, kind: "o" | "e", text: string): Promise<void> {
  if (text !== "") await log.append(kind, text);
}

/** Without a terminal a line ends with a newline alone, which players of terminals take for a step down. */
function forPlayers({ terminal }: CommandView, text: string): string {
  return terminal === undefined ? text.replaceAll(/(?<!\r)\n/g, "\r\n") : text;
}

/** Tells the sizes that a terminal gets. */
class SizeEvents {
  readonly #command: CommandView;
  #told: string | undefined;

  constructor(command: CommandView) {
    this.#command = command;
    this.#told = this.#now;
  }

  next(): string | undefined {
    const now = this.#now;
    if (now === this.#told) return undefined;
    this.#told = now;
    return now;
  }

  get #now(): string | undefined {
    const { terminal } = this.#command;
    return terminal === undefined ? undefined : `${terminal.columns}x${terminal.rows}`;
  }
}

import type { SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { Elevation } from "../sudo/elevation.ts";
import { KeyAsks } from "../sudo/key-asks.ts";
import { PasswordAsks, type AskForSession } from "../sudo/password-asks.ts";
import type { RunRequest, TerminalChange, TerminalSize } from "../session-api.ts";
import { TerminalAsks } from "../terminals/terminal-asks.ts";
import { resizeTerminal } from "../terminals/terminal-sizes.ts";
import { LentTerminals, type LentTerminal } from "../terminals/lent-terminals.ts";
import { lentText, terminalText } from "../terminals/terminal-text.ts";
import { TerminalKeeper } from "../terminals/terminal-keeper.ts";
import { ProgramWindows } from "../x11/program-windows.ts";
import { commandText } from "./command-text.ts";
import { FetchChannel } from "./fetch-channel.ts";

interface SideDeps {
  /** Who is asked for what sudo wants to know. */
  readonly ask: AskForSession;
  connect(): Promise<SshConnection>;
}

interface SideOf {
  readonly commands: CommandBook;
  /** The session's directory on its host. */
  readonly directory: string;
}

interface SourcedText {
  readonly text: string;
  readonly lent?: LentTerminal;
}

/** What a session's shell opens beside its attachment, when it is needed: to read files of the session, to answer who asks for passwords, to lend a display, and to see what keeps terminals. */
export class SideChannels {
  readonly files: FetchChannel;
  readonly lent = new LentTerminals();
  readonly elevation: Elevation;
  readonly #connect: () => Promise<SshConnection>;
  readonly #directory: () => string;
  readonly #asks: PasswordAsks;
  readonly #keys: KeyAsks;
  readonly #terminals: TerminalAsks;
  readonly #windows: ProgramWindows;
  readonly #keeper: TerminalKeeper;

  constructor(deps: SideDeps, of: SideOf) {
    const connect = (): Promise<SshConnection> => deps.connect();
    const directory = (): string => of.directory;
    this.#connect = connect;
    this.#directory = directory;
    this.#keeper = new TerminalKeeper(connect);
    this.files = new FetchChannel(connect, directory);
    this.#windows = new ProgramWindows({ x11: async () => (await deps.ask.x11?.()) ?? "off", connect, directory });
    this.elevation = new Elevation({ directory, ask: deps.ask, idle: () => of.commands.inFront().length === 0 });
    const elevated = (pid: number): ReturnType<Elevation["of"]> => this.elevation.of(pid);
    const asking = { ask: deps.ask, connect, directory, commands: () => of.commands };
    this.#asks = new PasswordAsks({ ...asking, elevated });
    this.#keys = new KeyAsks({ ...asking, elevated, key: async () => deps.ask.sudoKey?.() });
    this.#terminals = new TerminalAsks(asking);
  }

  /** What the host tells of who asks, or wants a display. */
  line(words: readonly string[], line: string): void {
    this.#asks.line(words, line);
    this.#terminals.line(words);
    this.#windows.line(words);
    this.#keys.line(words);
  }

  /**
   * What the session's shell is to source for a request; where it wants a terminal and nothing keeps one on the host, with a channel's.
   * `attach` makes sure that the session's directory is known. Rejects with `bad_input`, `too_large`, and as connecting and opening a channel do.
   */
  async textOf(request: RunRequest, attach: () => Promise<void>): Promise<SourcedText> {
    const text = commandText(request, true);
    const { terminal } = request;
    if (terminal === undefined) return { text };
    const keeper = await this.#keeper.get();
    if (keeper !== undefined) return { text: terminalText(text, terminal, keeper) };
    await attach();
    const lent = await this.lent.open(await this.#connect(), this.#directory(), terminal);
    return { text: lentText(text, terminal, lent.word), lent };
  }

  /** Gives the terminal of a command another size. Rejects as `resizeTerminal` and connecting do. */
  async resize({ id, number }: Pick<HostCommand, "id" | "number">, size: TerminalSize): Promise<TerminalChange> {
    return resizeTerminal(await this.#connect(), { id, number, directory: this.#directory() }, size);
  }

  /** Open questions end; whoever asks is answered by the next server that comes. */
  close(): void {
    this.#windows.close();
    this.#keys.close();
    this.#asks.close();
    this.#terminals.close();
    this.files.close();
    this.lent.close();
  }
}

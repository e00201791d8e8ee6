import type { SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import { PasswordAsks, type AskForSession } from "../sudo/password-asks.ts";
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

/** What a session's shell opens beside its attachment, when it is needed: to read files of the session, and to answer who asks for passwords. */
export class SideChannels {
  readonly files: FetchChannel;
  readonly asks: PasswordAsks;

  constructor(deps: SideDeps, of: SideOf) {
    const connect = (): Promise<SshConnection> => deps.connect();
    const directory = (): string => of.directory;
    this.files = new FetchChannel(connect, directory);
    this.asks = new PasswordAsks({ ask: deps.ask, connect, directory, commands: () => of.commands });
  }

  /** Open questions end; whoever asks is answered by the next server that comes. */
  close(): void {
    this.asks.close();
    this.files.close();
  }
}

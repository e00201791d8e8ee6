import { shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { RunRequest } from "../session-api.ts";
import { commandText } from "../host-shell/command-text.ts";
import { ChannelShell, type ChannelRun, type ChannelWays } from "./channel-shell.ts";
import { LocalCommands } from "./local-commands.ts";
import { OneExec } from "./one-exec.ts";

/** `cd`, alone, with one plain word: all that can change a directory that we keep for the host. */
const onlyCd = /^\s*cd(?:\s+(?:--\s+)?(?:[\w~./@%+:,-]+|'[^'\n]*'|"[^"$`\\\n]*"))?\s*;?\s*$/;

/** The end of what `cd` and `pwd` print is kept: PATH_MAX is 4,096 bytes on Linux, and 1,024 on the BSDs. */
const longestHeard = 8192;

export interface ExecShellDeps {
  readonly session: string;
  /** The number of the first command. */
  readonly first: number;
  /** Where the login puts a command; undefined: it was not told. */
  readonly home: string | undefined;
  /** Where commands begin instead. */
  readonly cwd?: string | undefined;
  connect(): Promise<SshConnection>;
}

/** A session whose commands each run on a channel of their own, in whatever the login gives; of its state only the directory is kept, by us. */
export function execShell(deps: ExecShellDeps): ChannelShell {
  const commands: LocalCommands = new LocalCommands(deps.session, deps.first, () => ways.directory);
  const ways = new ExecWays(deps, commands);
  return new ChannelShell({ commands, ways, connect: () => deps.connect() });
}

class ExecWays implements ChannelWays {
  readonly endsRuns = false;
  readonly #deps: ExecShellDeps;
  readonly #commands: LocalCommands;
  #cwd: string | undefined;

  constructor(deps: ExecShellDeps, commands: LocalCommands) {
    this.#deps = deps;
    this.#commands = commands;
    this.#cwd = deps.cwd ?? deps.home;
  }

  get directory(): string | undefined {
    return this.#cwd;
  }

  check(request: RunRequest): void {
    commandText(request);
  }

  async start(request: RunRequest, connection: SshConnection, runs: Set<ChannelRun>): Promise<HostCommand> {
    const text = commandText(request);
    const moves = request.cwd === undefined && request.terminal === undefined && onlyCd.test(text);
    let heard = "";
    const about = { text: request.command, stdinGiven: request.stdin !== undefined, terminal: request.terminal };
    const one: OneExec = new OneExec(this.#commands, about, (stream, bytes) => {
      if (moves && stream === "stdout") heard = `${heard}${Buffer.from(bytes).toString("latin1")}`.slice(-longestHeard);
      else this.#commands.output(one.command, stream, bytes);
    });
    runs.add(one);
    try {
      await one.start(connection, this.#line(text, moves), {
        stdin: request.stdin,
        onEnd: (status) => {
          runs.delete(one);
          if (!moves || status !== 0) return;
          this.#moved(Buffer.from(heard, "latin1").toString());
          one.command.directory = this.#cwd;
        },
      });
    } catch (error) {
      runs.delete(one);
      throw error;
    }
    return one.command;
  }

  /** The command line: in the session's directory, in whatever language the login shell speaks. */
  #line(text: string, moves: boolean): string {
    const place = this.#cwd === undefined || this.#cwd === this.#deps.home ? "" : `cd ${shellWord(this.#cwd)} && `;
    return moves ? `${place}${text.trim().replace(/;$/, "")} && pwd` : `${place}${text}`;
  }

  /** `pwd` has told where a `cd` led. */
  #moved(printed: string): void {
    const line = printed.trimEnd().split("\n").at(-1) ?? "";
    if (line.startsWith("/")) this.#cwd = line;
  }
}

import type { CopyDesk } from "./copy/copy-api.ts";
import type { HostFiles } from "./files/files-api.ts";
import type { TunnelBook } from "./tunnels/tunnel-api.ts";

/** What the sessions room offers to those above it. Everything here is about things that live on a host, not in this process. */

/** `running` goes forward to exactly one of the others; the reason is written once. */
export type CommandState =
  | { readonly kind: "running" }
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "signalled"; readonly signal: string }
  /** Of a network device, which tells no status: its prompt came back, and nothing that it said was an error. */
  | { readonly kind: "done" }
  /** Of a network device: what it said was an error; `reason` is its line. */
  | { readonly kind: "error"; readonly reason: string }
  | { readonly kind: "timed_out" }
  | { readonly kind: "stopped"; readonly signal: string }
  | { readonly kind: "lost"; readonly reason: string };

/** Signals that can be sent to a command (POSIX names without SIG). */
export type StopSignal = "INT" | "TERM" | "KILL" | "HUP" | "QUIT" | "USR1" | "USR2" | "STOP" | "CONT";

export type OutputStream = "stdout" | "stderr";

/** A piece of one stream. `from` and `to` are byte offsets in that stream; `to - from` may be less than asked for. */
export interface OutputSlice {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A size of a terminal, and from which byte of its output on it had that. */
export interface TerminalChange {
  readonly at: number;
  readonly size: TerminalSize;
}

/** A command in a session, as anyone who knows its id can see it. */
export interface CommandView {
  /** `<session>/<n>`. */
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly state: CommandState;
  readonly startedAtMs: number;
  /** How long it ran, or has been running. */
  readonly durationMs: number;
  /** The terminal that it runs on, as big as that is known to be now; undefined for a command without one. Its stdout is all that came to the terminal. */
  readonly terminal?: TerminalSize | undefined;
  /** Working directory of the session after the command (or now); undefined when it is not known. */
  readonly directory: string | undefined;
  /** Bytes of each stream that exist so far. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** When it was last seen to print something, or was given input, by the monotonic clock; undefined where that is not told. */
  readonly movedMs?: number | undefined;
  /** Who types is settled under this name, where it shares its terminal with others of its session; default: its id. */
  readonly floor?: string | undefined;
  /** Things the caller must know, for example `shell restarted`, `reconnected after 12 s`. */
  readonly notes: readonly string[];
  /** What a person is asked for on its behalf while it runs: it goes on when they have answered. */
  readonly waitingFor?: string | undefined;
  /** What it asks and waits for an answer to, as is known for certain without asking its host: the line itself. */
  readonly question?: string | undefined;
  /** Bytes `[from, from + limit)` of a stream, fetched from the host when they are not at hand. Rejects with `output_gone`. */
  read(stream: OutputStream, from: number, limit: number): Promise<OutputSlice>;
  /** Resolves when the command has ended (`orAsks`: or has a question), `limitMs` has passed or `signal` aborts. Never rejects. */
  ended(limitMs: number, signal?: AbortSignal, orAsks?: boolean): Promise<void>;
  /**
   * Resolves with true when its host is known to have it, so that whoever asks for it later, of any server, finds it; with false after
   * `limitMs` or when `signal` aborts. Never rejects.
   */
  confirmed(limitMs: number, signal?: AbortSignal): Promise<boolean>;
  /** Resolves at the next change (output or state), or after `limitMs`. Never rejects. */
  changed(limitMs: number, signal?: AbortSignal): Promise<void>;
  /** Feeds stdin. Rejects with `stdin_closed` when the command has ended or had its end of file. */
  input(text: string): Promise<void>;
  eof(): Promise<void>;
  /** The sizes that its terminal has had, the first of them from byte 0 on; none without a terminal. Rejects as reading does. */
  terminalSizes(): Promise<readonly TerminalChange[]>;
  /** Gives its terminal another size, of which its programs are told. Rejects with `unsupported` without a terminal, and with `stdin_closed` when the command has ended. */
  resize(size: TerminalSize): Promise<void>;
  /** Evidence from the host that a process of the command waits to read its stdin; false also where the host gives none. */
  waitsForInput(): Promise<boolean>;
  /** Its processes that the session's user may not signal, as those that sudo runs; also what the last signal left behind. */
  outOfReach?(): Promise<readonly number[]>;
  /** Sends a signal to the command's processes on the host. The state changes when they are gone, not before. */
  stop(signal: StopSignal): Promise<void>;
}

export interface RunRequest {
  readonly command: string;
  /** Beside the session's shell even if that is free. */
  readonly background?: boolean;
  /** Idempotency key: written on the host with the command's number, before the command begins. */
  readonly key?: string;
  readonly stdin?: string;
  /** On a terminal of its own, of this size, beside the session's shell. */
  readonly terminal?: TerminalSize;
  /** The user to run it as, by sudo. */
  readonly sudo?: string;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface SessionSummary {
  readonly name: string;
  readonly target: string;
  readonly address: string;
  readonly state: "attached" | "detached" | "lost";
  readonly owner: string | undefined;
  readonly directory: string | undefined;
  readonly running: readonly string[];
  readonly startedAtMs: number;
}

export interface SessionView extends SessionSummary {
  /** One line about the host: kernel, machine, shell. */
  readonly hostFacts: string;
  /** What the settings say the agent should know about the host. */
  readonly notes: string | undefined;
  /** What was noticed while it began. */
  readonly remark?: string | undefined;
  /** Rung of the ladder, for people: `survives disconnects: yes`. */
  readonly survives: { readonly disconnects: boolean; readonly reason: string };
  /** Starts a command; resolves when it is on its way. Rejects with `session_busy`, `session_lost`, `connection_lost`, `bad_input`. */
  run(request: RunRequest): Promise<CommandView>;
  /**
   * The command that was started with the request's key before, by this process or another; undefined when none was, or nothing is kept
   * on the host. Rejects with `bad_input` when the key was used for another command.
   */
  earlier(request: RunRequest): Promise<CommandView | undefined>;
  /** Commands are typed on a line that a person may have taken over, under this name. */
  readonly floor?: string | undefined;
  /** The command line of a network device as a command on a terminal, for people; the same for all who look. Undefined where a session has none. */
  watchLine(size: TerminalSize): Promise<CommandView | undefined>;
  /** The files of its host. */
  readonly files: HostFiles;
  /** Rejects with `command_unknown`. */
  command(number: number): Promise<CommandView>;
  commands(limit: number): Promise<readonly CommandView[]>;
}

export interface OpenRequest {
  readonly target: string;
  readonly name?: string;
  readonly user?: string;
  readonly port?: number;
  readonly keyFile?: string;
  readonly password?: string;
  readonly passphrase?: string;
  readonly sudoPassword?: string;
  readonly enablePassword?: string;
  /** Hosts to go through, nearest first; empty: none, whatever the settings say. */
  readonly jump?: readonly string[];
  readonly compression?: boolean;
  readonly retries?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly owner?: string;
  readonly connectTimeoutMs?: number;
  /** The best that is wanted to carry the session; default: a shell that lives on the host. */
  readonly carrier?: "host" | "connection" | "exec" | "device" | "windows";
  /** What a network device is, by the name of its platform, or `windows-powershell` and the like; default: that is found out. */
  readonly platform?: string;
}

export interface BegunSession {
  readonly session: SessionView;
  /** The command that was started with the session. */
  readonly command: CommandView | undefined;
}

export interface CloseReport {
  readonly session: string;
  /** Ids of commands that were still running and were stopped. */
  readonly stopped: readonly string[];
  /** Ids of tunnels that were closed with it. */
  readonly tunnels?: readonly string[];
  /** What was not finished there and takes no effect, or is taken back: changes on a network device that were not committed. */
  readonly unfinished?: string | undefined;
  /** Undefined when everything on the host was removed; else what may remain and why. */
  readonly left: string | undefined;
  /** Processes that go on there because the session's user may not signal them, as those that sudo runs. */
  readonly outOfReach?: { readonly target: string; readonly pids: readonly number[] };
}

export interface TargetSummary {
  readonly alias: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly source: string;
}

/** All sessions that this process knows or can find. Safe for concurrent use; one lock per session, none for all. */
export interface SessionBook {
  /** Tunnels over the connections of this book. */
  readonly tunnels: TunnelBook;
  readonly copies: CopyDesk;
  /** Opens a session explicitly; an existing one of that name on the same target and user is returned as it is. */
  open(request: OpenRequest): Promise<SessionView>;
  /** The session called `on`, or the one for the target `on`, opened if there is none. */
  find(on: string): Promise<SessionView>;
  /**
   * The same for whoever has something to run there: where the session has to be made, `first` may be on its way with it, and is the command
   * that comes back; else it is left to be run. Rejects with `connection_lost` also when nobody can know whether it ran.
   */
  begin(on: string, first: RunRequest): Promise<BegunSession>;
  /** A session that exists, attached or not. Rejects with `session_unknown`. */
  get(name: string): Promise<SessionView>;
  /** Known sessions; with `target`, also those found on that host whose record is gone. */
  list(filter: { readonly target?: string; readonly owner?: string }): Promise<readonly SessionSummary[]>;
  targets(): Promise<readonly TargetSummary[]>;
  /** Ends a session and removes it from its host; with `force` it is forgotten here even when its host cannot be reached, and the report says so. */
  close(name: string, force?: boolean): Promise<CloseReport>;
  /** Closes the tunnels and detaches from everything; sessions and commands stay on their hosts. Bounded: at most 2 s. */
  shutdown(): Promise<void>;
}

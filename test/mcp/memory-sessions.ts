import { HoldfastError, Pulse, monotonicMs, wallMs } from "../../src/base/index.ts";
import type {
  BegunSession,
  CloseReport,
  CommandState,
  CommandView,
  OpenRequest,
  OutputSlice,
  OutputStream,
  RunRequest,
  SessionBook,
  SessionSummary,
  SessionView,
  StopSignal,
  TerminalChange,
  TargetSummary,
} from "../../src/sessions/index.ts";

/** What a command in memory does when it is started; it may go on later. */
export type Program = (command: MemoryCommand, request: RunRequest) => void;

/** A command without a host, for tests of what is made of commands. */
export class MemoryCommand implements CommandView {
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly startedAtMs = wallMs();
  readonly notes: string[] = [];
  readonly inputs: string[] = [];
  readonly signals: string[] = [];
  directory: string | undefined = "/srv/app";
  durationMs = 100;
  eofs = 0;
  /** What the host says about its reading of stdin, and how often it was asked. */
  blocked = false;
  asked = 0;
  reads: { readonly from: number; readonly limit: number }[] = [];
  onInput: (text: string) => void = () => undefined;
  onEof: () => void = () => undefined;
  onStop: (signal: string) => void = () => undefined;
  #state: CommandState = { kind: "running" };
  #bytes = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #pulse = new Pulse();

  constructor(session: string, number: number, text: string) {
    this.id = `${session}/${number}`;
    this.number = number;
    this.text = text;
  }

  get state(): CommandState {
    return this.#state;
  }

  get stdoutBytes(): number {
    return this.#bytes.stdout.length;
  }

  get stderrBytes(): number {
    return this.#bytes.stderr.length;
  }

  print(output: string | Uint8Array, stream: OutputStream = "stdout"): this {
    this.#bytes[stream] = Buffer.concat([
      this.#bytes[stream],
      typeof output === "string" ? Buffer.from(output) : output,
    ]);
    this.#pulse.fire();
    return this;
  }

  end(state: CommandState | number): this {
    this.#state = typeof state === "number" ? { kind: "exited", status: state } : state;
    this.#pulse.fire();
    return this;
  }

  async read(stream: OutputStream, from: number, limit: number): Promise<OutputSlice> {
    this.reads.push({ from, limit });
    return { from, bytes: this.#bytes[stream].subarray(from, from + limit) };
  }

  async ended(limitMs: number, signal?: AbortSignal): Promise<void> {
    const until = monotonicMs() + limitMs;
    while (this.#state.kind === "running" && monotonicMs() < until && signal?.aborted !== true) {
      await this.#pulse.wait(until - monotonicMs(), signal);
    }
  }

  confirmed(): Promise<boolean> {
    return Promise.resolve(true);
  }

  changed(limitMs: number, signal?: AbortSignal): Promise<void> {
    return this.#state.kind === "running" ? this.#pulse.wait(limitMs, signal) : Promise.resolve();
  }

  async input(text: string): Promise<void> {
    if (this.#state.kind !== "running") {
      throw new HoldfastError("stdin_closed", `${this.id} has ended and takes no input`, {
        hint: "Start it again with ssh_run",
      });
    }
    this.inputs.push(text);
    this.onInput(text);
  }

  terminalSizes(): Promise<readonly TerminalChange[]> {
    return Promise.resolve([]);
  }

  async resize(): Promise<void> {
    throw new HoldfastError("unsupported", `${this.id} has no terminal whose size could be changed`);
  }

  async eof(): Promise<void> {
    this.eofs += 1;
    this.onEof();
  }

  waitsForInput(): Promise<boolean> {
    this.asked += 1;
    return Promise.resolve(this.blocked);
  }

  async stop(signal: StopSignal): Promise<void> {
    this.signals.push(signal);
    this.onStop(signal);
  }
}

async function noFiles(): Promise<never> {
  throw new HoldfastError("unsupported", "there are no files in memory");
}

class MemorySession implements SessionView {
  readonly name: string;
  readonly target: string;
  readonly owner: string | undefined;
  readonly state = "attached";
  readonly hostFacts = "Linux 6.1 x86_64, bash";
  readonly notes = undefined;
  readonly survives = { disconnects: true, reason: "" };
  readonly directory = "/srv/app";
  readonly startedAtMs = wallMs();
  readonly all: MemoryCommand[] = [];
  readonly files = { read: noFiles, write: noFiles };
  readonly #program: Program;

  constructor(request: OpenRequest, program: Program) {
    this.name = request.name ?? request.target;
    this.target = request.target;
    this.owner = request.owner;
    this.#program = program;
  }

  get address(): string {
    return `deploy@${this.target}:22`;
  }

  get running(): readonly string[] {
    return this.all.filter((command) => command.state.kind === "running").map((command) => command.id);
  }

  async run(request: RunRequest): Promise<CommandView> {
    const command = new MemoryCommand(this.name, this.all.length + 1, request.command);
    this.all.push(command);
    this.#program(command, request);
    return command;
  }

  async earlier(): Promise<CommandView | undefined> {
    return undefined;
  }

  watchLine(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async command(number: number): Promise<CommandView> {
    const command = this.all[number - 1];
    if (command === undefined) {
      throw new HoldfastError("command_unknown", `${this.name} has no command ${number}`, {
        hint: "ssh_list shows them",
      });
    }
    return command;
  }

  async commands(limit: number): Promise<readonly CommandView[]> {
    return this.all.slice(-limit);
  }
}

/** Sessions in memory. Targets that begin with `no-` cannot be reached. */
export class MemorySessions implements SessionBook {
  readonly opened: OpenRequest[] = [];
  readonly closed: { readonly name: string; readonly force: boolean }[] = [];
  readonly copies = {
    start: async () => Promise.reject(new Error("no copies here")),
    takeOver: async () => Promise.resolve(),
  };
  readonly tunnels = {
    open: async (): Promise<never> => {
      throw new HoldfastError("unsupported", "nothing is forwarded in memory");
    },
    list: () => [],
    close: async (): Promise<never> => {
      throw new HoldfastError("tunnel_unknown", "there is no tunnel in memory");
    },
  };
  readonly #sessions = new Map<string, MemorySession>();
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  async open(request: OpenRequest): Promise<SessionView> {
    this.opened.push(request);
    if (request.target.startsWith("no-")) {
      throw new HoldfastError("dial_failed", `${request.target} refused the connection`, { hint: "Check the port" });
    }
    const name = request.name ?? request.target;
    const session = this.#sessions.get(name) ?? new MemorySession(request, this.#program);
    this.#sessions.set(name, session);
    return session;
  }

  async find(on: string): Promise<SessionView> {
    return this.#sessions.get(on) ?? this.open({ target: on });
  }

  async begin(on: string): Promise<BegunSession> {
    return { session: await this.find(on), command: undefined };
  }

  async get(name: string): Promise<SessionView> {
    const session = this.#sessions.get(name);
    if (session === undefined) {
      throw new HoldfastError("session_unknown", `there is no session ${name}`, {
        hint: "ssh_list shows the sessions",
      });
    }
    return session;
  }

  async list(filter: { readonly target?: string; readonly owner?: string }): Promise<readonly SessionSummary[]> {
    const all = [...this.#sessions.values()];
    return all.filter(
      (one) =>
        (filter.owner === undefined || one.owner === filter.owner) &&
        (filter.target === undefined || one.target === filter.target),
    );
  }

  async targets(): Promise<readonly TargetSummary[]> {
    return [{ alias: "web1", description: "the first web server", tags: ["web"], source: "config.yaml" }];
  }

  async close(name: string, force = false): Promise<CloseReport> {
    const session = await this.get(name);
    this.closed.push({ name, force });
    this.#sessions.delete(name);
    return { session: name, stopped: [...session.running], left: undefined };
  }

  async shutdown(): Promise<void> {
    this.#sessions.clear();
  }
}

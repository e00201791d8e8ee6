import { Semaphore, messageOf } from "../../base/index.ts";
import { X11Forward, type ExecOptions, type SshConnection, type X11Settings } from "../../ssh/index.ts";
import { bootCommand, windowLine } from "../host-shell/host-scripts.ts";
import { patiently } from "../patiently.ts";
import { authorityText } from "./authority-text.ts";
import { lendDisplay } from "./lend-display.ts";

/** Programs of one session that show windows at a time: each takes a channel, of which servers allow ten. */
const mostPrograms = 4;

/** One more waits for another to end, but less than it is told to wait for us (`with-x11.sh`). */
const placeWaitMs = 40_000;

/** What asks more at a time is broken, and gives up by itself. */
const mostAsking = 64;

const tooMany = `${mostPrograms} programs of this session show windows already`;

export interface WindowDeps {
  /** What the settings say now. Rejects when they cannot be read. */
  x11(): Promise<"off" | X11Settings>;
  connect(): Promise<SshConnection>;
  /** The session's directory on its host. */
  directory(): string;
}

/** Programs of a session that were started by `with-x11`: each has the display of this machine, on a channel of its own, until it ends. */
export class ProgramWindows {
  readonly #deps: WindowDeps;
  readonly #asking = new Set<number>();
  readonly #places = new Semaphore(mostPrograms);
  readonly #over = new AbortController();

  constructor(deps: WindowDeps) {
    this.#deps = deps;
  }

  /** `x11 <pid>`: from the host, and possibly from anybody who runs there. */
  line(words: readonly string[]): void {
    const [verb, id = ""] = words;
    if (verb !== "x11" || !/^\d{1,10}$/.test(id) || this.#over.signal.aborted) return;
    const pid = Number(id);
    if (this.#asking.has(pid) || this.#asking.size >= mostAsking) return;
    this.#asking.add(pid);
    const forget = (): void => void this.#asking.delete(pid);
    // One that nobody answers gives up by itself.
    this.#serve(pid).then(forget, forget);
  }

  /** Takes every display back. */
  close(): void {
    this.#over.abort();
  }

  async #serve(pid: number): Promise<void> {
    const release = await this.#places.acquire(placeWaitMs);
    const forward = release === undefined ? tooMany : await this.#open();
    try {
      if (!this.#over.signal.aborted) await patiently(() => this.#hold(pid, forward));
    } finally {
      if (typeof forward !== "string") forward.close();
      release?.();
    }
  }

  /** The display, or why there is none. */
  async #open(): Promise<X11Forward | string> {
    try {
      const settings = await this.#deps.x11();
      return settings === "off" ? "the settings give this target no display (x11)" : await X11Forward.open(settings);
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Resolves when the program has ended, or its channel. */
  async #hold(pid: number, forward: X11Forward | string): Promise<void> {
    const common = { D: this.#deps.directory(), P: pid };
    const connection = await this.#deps.connect();
    if (typeof forward === "string") {
      await this.#run(connection, { input: windowLine({ ...common, WHY: forward, Y: "", A: "" }) });
      return;
    }
    const lent = await lendDisplay(connection, forward).catch(messageOf);
    if (typeof lent === "string") return this.#hold(pid, lent);
    const facts = { ...common, WHY: "", Y: lent.name, A: authorityText(forward.authority) };
    try {
      await this.#run(connection, { ...lent.options, input: windowLine(facts) });
    } finally {
      await lent.close();
    }
  }

  async #run(connection: SshConnection, options: ExecOptions): Promise<void> {
    const { signal } = this.#over;
    let tell: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const channel = await connection.exec(bootCommand, { onStdout: nothing, onStderr: nothing, onEnd: tell }, options);
    const stop = (): void => channel.close();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    await ended;
    signal.removeEventListener("abort", stop);
  }
}

function nothing(): void {
  // Nothing that anybody reads.
}

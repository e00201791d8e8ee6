import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { after, delay, messageOf } from "../../base/index.ts";

/** After the connection was taken from it, how long ssh has to end by itself, and then by SIGTERM. */
const endMs = 500;
const termMs = 1_000;

export interface SshProcessParts {
  readonly settingsFile: string;
  readonly askpass: string;
  /** The way to the server; destroyed with the process. */
  readonly transport: Duplex;
  /** What may go on to ssh of what came from the server; undefined: nothing any more. */
  readonly pass: (bytes: Buffer) => Buffer | undefined;
  /** Called when the way to the server is closed. */
  readonly closed: () => void;
  readonly stderr: (text: string) => void;
  /** Called once, when the process has ended or could not be started. */
  readonly ended: (error: Error | undefined) => void;
}

/** Secrets that are for us alone, and what would change the program that asks. */
function childEnvironment(askpass: string): NodeJS.ProcessEnv {
  const own = /^(OVRD_|HOLDFAST_|NODE_OPTIONS$|SSH_ASKPASS)/;
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name));
  return {
    DISPLAY: ":0",
    ...Object.fromEntries(inherited),
    LC_ALL: "C",
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: "force",
  };
}

/**
 * One `ssh -N` that speaks to the server over its standard input and output, which we carry to and fro. It ends by itself when those
 * close: whatever becomes of this process, none is left behind.
 */
export class SshProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #transport: Duplex;
  readonly #exited: Promise<void>;
  #over = false;

  constructor(parts: SshProcessParts) {
    this.#transport = parts.transport;
    // A session of its own: no terminal to ask at, and no Ctrl+C from one.
    this.#child = spawn("ssh", ["-F", parts.settingsFile, "-N", "--", "target"], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: childEnvironment(parts.askpass),
    });
    this.#exited = this.#watch(parts);
    this.#child.stderr.setEncoding("utf8");
    this.#child.stderr.on("data", (text: string) => {
      parts.stderr(text);
    });
    this.#child.stderr.on("error", () => undefined);
    this.#carry(parts);
  }

  /** Takes the connection from it and waits until it has ended, after at most 2 s. Safe to call twice. */
  async end(): Promise<void> {
    if (this.#over) return;
    this.cut();
    await Promise.race([this.#exited, delay(endMs)]);
    if (this.#over) return;
    this.#child.kill("SIGTERM");
    await Promise.race([this.#exited, delay(termMs)]);
    if (this.#over) return;
    this.#child.kill("SIGKILL");
    await Promise.race([this.#exited, delay(endMs)]);
  }

  /** Takes the connection from it. */
  cut(): void {
    this.#transport.destroy();
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
  }

  /** Resolves when it has ended by itself, or after `limitMs`. */
  async endsWithin(limitMs: number): Promise<void> {
    await Promise.race([this.#exited, delay(limitMs)]);
  }

  #watch({ ended }: SshProcessParts): Promise<void> {
    return new Promise((resolve) => {
      const over = (error: Error | undefined): void => {
        if (this.#over) return;
        this.#over = true;
        this.#child.stdin.destroy();
        this.#child.stdout.destroy();
        // Its good-bye to the server may be on its way.
        this.#transport.end();
        after(endMs, () => this.#transport.destroy());
        ended(error);
        resolve();
      };
      this.#child.once("error", over);
      // Its last words come before `close`, but a process that it has started may hold its output open.
      this.#child.once("exit", () => {
        const cancel = after(endMs, () => over(undefined));
        this.#child.once("close", () => {
          cancel();
          over(undefined);
        });
      });
    });
  }

  #carry({ transport, pass, closed }: SshProcessParts): void {
    const { stdin, stdout } = this.#child;
    transport.on("data", (bytes: Buffer) => {
      const passed = pass(bytes);
      if (passed === undefined) this.cut();
      else if (passed.length > 0 && stdin.writable && !stdin.write(passed)) transport.pause();
    });
    stdin.on("drain", () => transport.resume());
    stdout.on("data", (bytes: Buffer) => {
      if (transport.writable && !transport.write(bytes)) stdout.pause();
    });
    transport.on("drain", () => stdout.resume());
    // Ends and errors of either side end the other; why shows in what ssh says.
    for (const stream of [stdin, stdout]) stream.on("error", () => undefined);
    const over = (): void => {
      stdin.end();
      closed();
    };
    for (const event of ["error", "close", "end"]) transport.on(event, over);
    stdout.once("end", () => transport.end());
    transport.resume();
  }
}

/** Whether the program could not be started because there is none. */
export function isMissing(error: Error | undefined): boolean {
  return error !== undefined && /ENOENT/.test(messageOf(error));
}

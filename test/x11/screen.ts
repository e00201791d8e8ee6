import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { authorityFor } from "../../src/ssh/x11/x11-authority.ts";
import { onExit } from "../helpers/servers/on-exit.ts";
import { makeTempDir, type TempDir } from "../helpers/servers/temp-dir.ts";
import { waitUntil } from "../helpers/servers/index.ts";

/** Whether this machine can play a screen and somebody who sits before it. */
export const hasScreen = ["Xvfb", "xdotool", "xwd", "xev", "xauth", "ssh-askpass"].every((name) =>
  existsSync(join("/usr/bin", name)),
);

/** The screen of a person's machine: an X server without hardware, with a cookie, that nobody but us can reach. */
export class Screen {
  readonly env: Readonly<Record<string, string>>;
  readonly #server: ChildProcess;
  readonly #directory: TempDir;
  readonly #kill: () => void;

  private constructor(number: string, server: ChildProcess, directory: TempDir) {
    this.env = { DISPLAY: `:${number}`, XAUTHORITY: join(directory.path, "authority") };
    this.#server = server;
    this.#directory = directory;
    // It removes its socket then.
    this.#kill = onExit(() => server.kill("SIGTERM"));
  }

  static async open(...options: readonly string[]): Promise<Screen> {
    const directory = makeTempDir();
    const authority = join(directory.path, "authority");
    writeFileSync(authority, authorityFor(randomBytes(16)), { mode: 0o600 });
    const numberFile = join(directory.path, "number");
    const words = ["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-auth", authority, "-screen", "0", "800x600x24"];
    const server = spawn("setpriv", ["--pdeathsig", "KILL", "Xvfb", ...words, ...options], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    server.stdout.on("data", (bytes: Buffer) => writeFileSync(numberFile, bytes, { flag: "a" }));
    const number = (): string => (existsSync(numberFile) ? readFileSync(numberFile, "utf8") : "");
    await waitUntil("the X server says its number", () => number().endsWith("\n"));
    return new Screen(number().trim(), server, directory);
  }

  /** Runs a program before this screen. */
  async run(program: string, words: readonly string[], input = ""): Promise<string> {
    const running = promisify(execFile)(program, words, { env: { ...process.env, ...this.env }, timeout: 60_000 });
    running.child.stdin?.on("error", () => undefined);
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Starts a program before this screen; it ends with the screen at the latest. */
  start(program: string, words: readonly string[], onOutput: (text: string) => void): void {
    const child = spawn(program, words, { env: { ...process.env, ...this.env }, stdio: ["ignore", "pipe", "ignore"] });
    child.on("error", () => undefined);
    child.stdout.on("data", (bytes: Buffer) => onOutput(bytes.toString()));
  }

  /** Windows that can be seen. */
  async windows(): Promise<readonly string[]> {
    const found = await this.run("xdotool", ["search", "--onlyvisible", "--name", "."]).catch(() => "");
    return found.split("\n").filter((line) => line !== "");
  }

  /** Waits for a dialog, types into it and presses a key. */
  async answer(text: string, key = "Return"): Promise<void> {
    await waitUntil("a dialog shows", async () => (await this.windows()).length > 0, 60_000);
    await this.run("xdotool", ["type", "--file", "-"], text);
    await this.run("xdotool", ["key", key]);
  }

  async close(): Promise<void> {
    this.#kill();
    await waitUntil("the X server ends", () => this.#server.exitCode !== null || this.#server.signalCode !== null);
    this.#directory.remove();
  }
}

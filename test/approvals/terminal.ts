import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../helpers/eventually.ts";

/** A real terminal (tmux) with one program in it. */
export class Terminal {
  readonly #directory = mkdtempSync(join(tmpdir(), "holdfast-tmux-"));

  constructor(program: readonly string[], env: Readonly<Record<string, string>>) {
    const configuration = join(this.#directory, "tmux.conf");
    writeFileSync(configuration, "set -g remain-on-exit on\nset -g status off\nset -s escape-time 0\n");
    // The status goes into a file: tmux itself now and then misses that its program has ended. An interrupt is the program's alone.
    const run = 'trap : INT; f=$1; shift; "$@"; echo $? >"$f"';
    const wrapped = ["sh", "-c", run, "sh", this.#statusFile, ...program];
    this.#tmux(["-f", configuration, "new-session", "-d", "-x", "110", "-y", "45", "--", ...wrapped], env);
  }

  /** What stands on the screen and above it. */
  get screen(): string {
    return this.#tmux(["capture-pane", "-p", "-J", "-S", "-200"]);
  }

  /** What stands on the screen, with the sequences that colour it. */
  get colours(): string {
    return this.#tmux(["capture-pane", "-p", "-e"]);
  }

  /** Exit status of the program, once it has ended. */
  get status(): string {
    return existsSync(this.#statusFile) ? readFileSync(this.#statusFile, "utf8").trim() : "";
  }

  get #statusFile(): string {
    return join(this.#directory, "status");
  }

  /** Its window becomes as large. */
  resize(columns: number, rows: number): void {
    this.#tmux(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** Process id of what stands between the terminal and the program. */
  get pid(): number {
    return Number(this.#tmux(["display-message", "-p", "#{pane_pid}"]));
  }

  type(text: string): void {
    this.#tmux(["send-keys", "-l", "--", text]);
  }

  press(...keys: readonly string[]): void {
    this.#tmux(["send-keys", ...keys]);
  }

  /** Waits until the screen shows it. */
  async shows(what: RegExp): Promise<void> {
    try {
      await eventually(String(what), 60_000, () => (what.test(this.screen) ? true : undefined));
    } catch (error) {
      throw new Error(`the screen shows: ${this.screen}`, { cause: error });
    }
  }

  async ended(): Promise<string> {
    return eventually("the program to end", 60_000, () => (this.status === "" ? undefined : this.status));
  }

  close(): void {
    spawnSync("tmux", ["-S", join(this.#directory, "socket"), "kill-server"]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #tmux(args: readonly string[], env?: Readonly<Record<string, string>>): string {
    const result = spawnSync("tmux", ["-S", join(this.#directory, "socket"), ...args], {
      encoding: "utf8",
      env: { ...(env ?? process.env), TERM: "xterm" },
    });
    if (result.status !== 0) throw new Error(`tmux ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }
}

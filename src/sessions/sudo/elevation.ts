import { HoldfastError, oneLine, randomHex, shellWord } from "../../base/index.ts";
import { dense, escapeLine } from "../host-shell/host-scripts.ts";
import { ElevatedRun } from "./elevated-run.ts";
import elevate from "./host/elevate.sh";
import type { AskForSession } from "./password-asks.ts";
import { checkedSudoUser } from "./sudo-user.ts";

/** Room for a path in a command line that people read. */
const longestShown = 200;

const script = dense(elevate);

/** What is to run as another user. */
export interface ElevatedProgram {
  /** `sh`: a shell that takes its script from the next line of stdin, with `$1` the login's home; `sftp`: the host's file transfer. */
  readonly kind: "sh" | "sftp";
  /** What it is for, and where: seen by people who are asked for a password. */
  readonly purpose: string;
  readonly path: string;
}

interface ElevationDeps {
  /** The session's directory on its host; "" where it has none, so that sudo can ask nobody. */
  directory(): string;
  /** The session's shell waits for a command: it may start sudo, which keeps its tickets by that shell. */
  idle(): boolean;
  readonly ask: Pick<AskForSession, "sudoAskpass" | "sudoKey">;
}

/**
 * Programs that run as another user beside a session's shell, by its sudo: who asks for a password is looked at, and answered, as for the session's
 * commands.
 */
export class Elevation {
  readonly #deps: ElevationDeps;
  /** By the process that is, or becomes, sudo. */
  readonly #runs = new Map<number, ElevatedRun>();

  constructor(deps: ElevationDeps) {
    this.#deps = deps;
  }

  /** A run that whoever starts it ends. Rejects with `bad_input` for what is no user. */
  async begin(user: string, program: ElevatedProgram): Promise<ElevatedRun> {
    const { ask } = this.#deps;
    const [askpass, key] = await Promise.all([
      ask.sudoAskpass?.().catch(() => true),
      ask.sudoKey?.().catch(() => undefined),
    ]);
    const nonce = randomHex(12);
    const variables = {
      N: nonce,
      W: checkedSudoUser(user),
      D: this.#deps.directory(),
      G: askpass === false ? "stdin" : "",
      Y: key === undefined ? "" : "1",
      S: program.kind,
      L: program.purpose,
      P: oneLine(program.path, longestShown),
      I: this.#deps.idle() ? "1" : "",
    };
    const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellWord(value)}`);
    const whole = `${assignments.join("\n")}\n${script}`;
    const command = `exec /bin/sh -c 'eval "$(printf %b "$0")"' '${harmless(whole)}'`;
    const run = new ElevatedRun({ nonce, line: `${escapeLine(whole)}\n`, command }, (pid) => {
      this.#runs.set(pid, run);
      run.over.addEventListener("abort", () => {
        if (this.#runs.get(pid) === run) this.#runs.delete(pid);
      });
      if (run.over.aborted) this.#runs.delete(pid);
    });
    return run;
  }

  /** The run that process `pid` of the host belongs to. */
  of(pid: number): ElevatedRun | undefined {
    return this.#runs.get(pid);
  }
}

/** Text as the argument of `printf %b` that no login shell takes for anything else, quoted or not. */
function harmless(text: string): string {
  const bytes = [...Buffer.from(text)];
  const plain = /^[\w ./:=,-]$/;
  return bytes
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return plain.test(character) ? character : `\\0${byte.toString(8).padStart(3, "0")}`;
    })
    .join("");
}

/** The error for a program that the host does not have. */
export function missingOnHost(path: string, program: string): HoldfastError {
  return new HoldfastError(
    "unsupported",
    `${oneLine(path, longestShown)} needs ${program}, which the host does not have`,
    {
      hint: "Use a session of a user who may",
    },
  );
}

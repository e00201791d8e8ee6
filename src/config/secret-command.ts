import { spawn } from "node:child_process";
import { HoldfastError, after, monotonicMs, oneLine } from "../base/index.ts";
import type { SecretCommand, SecretName, SecretTarget, Target } from "./target.ts";

/** A password manager may ask its owner something first. */
const limitMs = 60_000;

/** A secret is one line; what prints more is no secret command. */
const outputLimitBytes = 65_536;

/** Sessions that begin together ask once; a changed secret is found soon. */
const keptMs = 60_000;

const settingNames = {
  password: "password_command",
  passphrase: "passphrase_command",
  sudoPassword: "sudo_password_command",
  enablePassword: "enable_password_command",
} as const;

interface Kept {
  readonly secret: Promise<string>;
  readonly untilMs: number;
}

/** Runs the commands that print secrets, each once a minute at most, and forgets what they said after that. */
export class SecretCommands {
  readonly #kept = new Map<string, Kept>();

  /** The target with the password and the passphrase that its commands give, where it has none. Rejects with `config_invalid`. */
  async reveal(target: Target): Promise<Target> {
    const { password, passphrase } = target;
    const [found, phrase] = await Promise.all([this.secretOf(target, "password"), this.secretOf(target, "passphrase")]);
    return found === password && phrase === passphrase ? target : { ...target, password: found, passphrase: phrase };
  }

  /** One secret of a target: as it is set, or as its command prints it. Rejects with `config_invalid`. */
  async secretOf(target: SecretTarget, name: SecretName): Promise<string | undefined> {
    return target[name] ?? this.#ask(target[`${name}Command`], settingNames[name], target.alias);
  }

  async #ask(command: SecretCommand | undefined, setting: string, alias: string): Promise<string | undefined> {
    if (command === undefined) return undefined;
    const key = JSON.stringify(command);
    for (const [name, { untilMs }] of this.#kept) if (untilMs < monotonicMs()) this.#kept.delete(name);
    const kept = this.#kept.get(key) ?? { secret: firstLine(command), untilMs: monotonicMs() + keptMs };
    this.#kept.set(key, kept);
    try {
      return await kept.secret;
    } catch (thrown) {
      this.#kept.delete(key);
      const why = thrown instanceof Error ? thrown.message : "it failed";
      throw new HoldfastError("config_invalid", `the ${setting} of ${alias} gave no secret: ${why}`, {
        hint: "Run it by hand; it must print the secret on its first line without asking on standard input",
      });
    }
  }
}

/** The first line that a command prints. Rejects with an error that says why there is none, without the output. */
function firstLine(command: SecretCommand): Promise<string> {
  const [program = "", ...args] = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const parts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (parts[name].length < outputLimitBytes) parts[name] += text;
      });
    }
    const cancel = after(limitMs, () => {
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      reject(new Error(`it took longer than ${limitMs / 1_000} s`));
    });
    child.on("error", (error) => {
      cancel();
      reject(new Error(`it cannot be started (${"code" in error ? String(error.code) : error.name})`));
    });
    child.on("close", (status) => {
      cancel();
      const secret = parts.stdout.split(/\r?\n/)[0] ?? "";
      const said = oneLine(parts.stderr, 200).replace(/\.$/, "");
      if (status !== 0) reject(new Error(`it ended with ${status ?? "a signal"}${said === "" ? "" : ` (${said})`}`));
      else if (secret === "") reject(new Error("its first line is empty"));
      else resolve(secret);
    });
  });
}

import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { HoldfastError, messageOf } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";

function directory(env: Environment, own: string, xdg: string, fallback: readonly string[]): string {
  const chosen = variable(env, own);
  if (chosen !== undefined) return resolve(chosen);
  const base = variable(env, xdg);
  // The XDG specification: a relative path is to be ignored.
  return base?.startsWith("/") === true ? join(base, "holdfast") : join(homedir(), ...fallback, "holdfast");
}

/** Where session records lie: $HOLDFAST_STATE_DIR, else $XDG_STATE_HOME/holdfast, else ~/.local/state/holdfast. */
export function stateDirectory(env: Environment = process.env): string {
  return directory(env, "HOLDFAST_STATE_DIR", "XDG_STATE_HOME", [".local", "state"]);
}

/** Where settings lie: $HOLDFAST_CONFIG_DIR, else $XDG_CONFIG_HOME/holdfast, else ~/.config/holdfast. */
export function configDirectory(env: Environment = process.env): string {
  return directory(env, "HOLDFAST_CONFIG_DIR", "XDG_CONFIG_HOME", [".config"]);
}

/** The known_hosts file that is Holdfast's own, beside the user's. */
export function ownKnownHostsFile(env: Environment = process.env): string {
  return join(configDirectory(env), "known_hosts");
}

function refused(path: string, why: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError("config_invalid", `the directory ${path} ${why}`, { hint, cause });
}

/** Makes the directory with 0700, or checks that it is a real directory of ours that no one else may write to. Rejects with `config_invalid`. */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 });
    // The umask may have taken away what the owner needs.
    if (made !== undefined) chmodSync(path, 0o700);
  } catch (error) {
    throw refused(
      path,
      `cannot be made: ${messageOf(error)}`,
      "Make it writable, or choose another with HOLDFAST_STATE_DIR or HOLDFAST_CONFIG_DIR",
      error,
    );
  }
  const facts = lstatSync(path);
  if (facts.isSymbolicLink()) throw refused(path, "is a symbolic link", "Name the directory itself");
  if (!facts.isDirectory()) throw refused(path, "is no directory", "Name another");
  if (process.getuid !== undefined && facts.uid !== process.getuid()) {
    throw refused(path, "belongs to another user", "Name one of your own");
  }
  if ((facts.mode & 0o022) !== 0) throw refused(path, "can be written to by others", `Run: chmod 700 ${path}`);
}

import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HoldfastError, messageOf } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import { emptyConfig, type LoadedConfig } from "./loaded-config.ts";
import { configDirectory } from "./paths.ts";

/** A settings file of a thousand targets has some 200 KB. */
const largestFileBytes = 4 * 1024 * 1024;

/** The settings file: $HOLDFAST_CONFIG, else config.yaml in the directory of settings. */
export function configFile(env: Environment = process.env): string {
  const named = variable(env, "HOLDFAST_CONFIG");
  return named === undefined ? join(configDirectory(env), "config.yaml") : resolve(named);
}

function refused(file: string, why: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError("config_invalid", `${file} ${why}`, { hint, cause });
}

interface FileFacts {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly ino: number;
  readonly mode: number;
  readonly uid: number;
}

/** The same for the same version of a file only. */
export function stampOf({ mtimeMs, ctimeMs, size, ino }: Omit<FileFacts, "mode" | "uid">): string {
  return [mtimeMs, ctimeMs, size, ino].join(" ");
}

/** It may name commands to run: whoever can write it can do anything. */
function checkOwner(file: string, { mode, uid }: FileFacts): void {
  if (process.getuid === undefined) return;
  if (uid !== process.getuid() && uid !== 0) throw refused(file, "belongs to another user", "Use a file of your own");
  if ((mode & 0o022) !== 0) throw refused(file, "can be written to by others", `Run: chmod 600 ${file}`);
}

/** The file as it is now and its stamp; nothing where there is none and none was named. Rejects with `config_invalid`. */
export async function readConfig(
  file: string,
  required: boolean,
): Promise<{ readonly config: LoadedConfig; readonly stamp: string }> {
  const { text, facts } = await contentsOf(file, required);
  if (facts === undefined) return { config: emptyConfig, stamp: "none" };
  checkOwner(file, facts);
  // The parser is only worth its loading time where there is a file.
  const { holdsSecrets, parseConfig } = await import("./parse-config.ts");
  const config = parseConfig(text, file);
  if (process.getuid !== undefined && (facts.mode & 0o077) !== 0 && holdsSecrets(config)) {
    throw refused(file, "holds secrets and can be read by others", `Run: chmod 600 ${file}`);
  }
  return { config, stamp: stampOf(facts) };
}

async function contentsOf(
  file: string,
  required: boolean,
): Promise<{ readonly text: string; readonly facts: FileFacts | undefined }> {
  try {
    await using handle = await open(file, "r");
    const facts = await handle.stat();
    if (!facts.isFile()) throw refused(file, "is no file", "Name a YAML file");
    if (facts.size > largestFileBytes) throw refused(file, "is too large for a settings file", "Name another file");
    return { text: await handle.readFile("utf8"), facts };
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (missing && !required) return { text: "", facts: undefined };
    throw refused(file, `cannot be read: ${messageOf(error)}`, "Mend the path or the permissions", error);
  }
}

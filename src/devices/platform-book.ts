import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { delay, HoldfastError, messageOf } from "../base/index.ts";
import { builtInPlatforms } from "./built-in-platforms.ts";
import type { Platform } from "./platform.ts";
import { readPlatform } from "./read-platform.ts";

/** A description has a few KB. */
const largestFileBytes = 256 * 1024;

/** More descriptions than that are none of a person's. */
const mostFiles = 256;

/** Where a platform came from: `built in`, or the file. */
export interface KnownPlatform {
  readonly platform: Platform;
  readonly origin: string;
}

/** The platforms that come with Holdfast and those of the user, who may replace them by name. */
export class PlatformBook {
  readonly #directory: string;

  /** `directory` holds the user's files (`*.yaml`); it need not be there. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** All platforms, the user's files as they are now. Rejects with `config_invalid` that names file, key and reason. */
  async all(): Promise<readonly KnownPlatform[]> {
    const users = await this.#users();
    const known = new Map<string, KnownPlatform>();
    for (const name of builtInPlatforms.keys()) known.set(name, users.get(name) ?? (await builtIn(name)));
    for (const [name, platform] of users) known.set(name, platform);
    return [...known.values()];
  }

  /** The platform of that name or alias. Rejects with `bad_input` when there is none, with `config_invalid` for a bad file. */
  async find(name: string): Promise<KnownPlatform> {
    const wanted = name.toLowerCase();
    const users = await this.#users();
    const own = users.get(wanted) ?? [...users.values()].find(({ platform }) => platform.aliases.includes(wanted));
    if (own !== undefined) return own;
    if (builtInPlatforms.has(wanted)) return builtIn(wanted);
    const all = await this.all();
    const found = all.find(({ platform }) => platform.aliases.includes(wanted));
    if (found !== undefined) return found;
    throw new HoldfastError("bad_input", `there is no platform ${JSON.stringify(name.slice(0, 60))}`, {
      hint: `Known: ${all.map(({ platform }) => platform.name).join(", ")}; docs/devices.md says how to add one`,
    });
  }

  async #users(): Promise<ReadonlyMap<string, KnownPlatform>> {
    const users = new Map<string, KnownPlatform>();
    for (const file of await this.#files()) {
      const platform = await readPlatformFile(file);
      const twin = users.get(platform.name)?.origin;
      if (twin !== undefined) {
        throw refused(file, `has the name ${platform.name}, as ${twin} has`, "Rename one of the two");
      }
      users.set(platform.name, { platform, origin: file });
    }
    return users;
  }

  async #files(): Promise<readonly string[]> {
    try {
      const names = (await readdir(this.#directory)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).toSorted();
      if (names.length > mostFiles) throw refused(this.#directory, `holds more than ${mostFiles} files`, "Remove some");
      return names.map((name) => join(this.#directory, name));
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
      throw refused(this.#directory, `cannot be read: ${messageOf(error)}`, "Mend its permissions");
    }
  }
}

/** Compiled once in a process: it takes some milliseconds each. */
const compiled = new Map<string, Platform>();

async function builtIn(name: string): Promise<KnownPlatform> {
  const origin = "built in";
  const kept = compiled.get(name);
  if (kept !== undefined) return { platform: kept, origin };
  // Others have their turn between one and the next.
  await delay(0);
  const platform = readPlatform(builtInPlatforms.get(name) ?? "", name);
  compiled.set(name, platform);
  return { platform, origin };
}

/** The platform that a file of the user describes. Rejects with `config_invalid` that names file, key and reason. */
export async function readPlatformFile(file: string): Promise<Platform> {
  try {
    await using handle = await open(file, "r");
    const { size, mode, uid } = await handle.stat();
    if (size > largestFileBytes) throw refused(file, "is too large for a platform file", "Name another file");
    // It says when passwords are sent: whoever can write it can have them.
    const ours = process.getuid === undefined || uid === process.getuid() || uid === 0;
    if (!ours) throw refused(file, "belongs to another user", "Use a file of your own");
    if (process.getuid !== undefined && (mode & 0o022) !== 0) {
      throw refused(file, "can be written to by others", `Run: chmod 600 ${file}`);
    }
    return readPlatform(await handle.readFile("utf8"), file);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw refused(file, `cannot be read: ${messageOf(error)}`, "Mend the path or the permissions");
  }
}

function refused(file: string, why: string, hint: string): HoldfastError {
  return new HoldfastError("config_invalid", `${file} ${why}`, { hint });
}

import { constants } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { HoldfastError, oneLine } from "../../base/index.ts";
import { isPlainName, joinPath, shownPath, splitPath, type BytePath } from "./copy-side.ts";

/** O_PATH (fcntl.h of Linux, the same on all machines that Node runs on but alpha and sparc): no right to read is needed to pass through. */
const pathOnly = 0o10_000_000;

/** Directories that are kept open for what comes next. */
const keptOpen = 256;

const onLinux = process.platform === "linux";

interface OpenDirectory {
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** A directory of this machine for one operation in it. */
export interface HeldDirectory {
  /** The path of `name` in it, for one system call; the name itself is not followed by those that do not follow. */
  at(name: BytePath): Buffer;
  release(): void;
}

/**
 * Directories below the roots that a copy may touch. Each is opened from its parent without following links, and what is done in it is done
 * through its descriptor: whoever exchanges a directory for a link meanwhile changes nothing. (Where there is no /proc, paths are checked
 * before each use instead.)
 */
export class LocalDirectories {
  readonly #roots: readonly BytePath[];
  readonly #open = new Map<BytePath, OpenDirectory>();

  /** `roots` are absolute, without links. */
  constructor(roots: readonly BytePath[]) {
    this.#roots = roots;
  }

  /** Throws `denied_by_policy` for a path outside. */
  rootOf(path: BytePath): BytePath {
    const root = this.#roots.find((one) => one === "/" || path === one || path.startsWith(`${one}/`));
    if (root !== undefined) return root;
    const allowed = this.#roots.map(shownPath).join(", ");
    throw new HoldfastError("denied_by_policy", `${oneLine(shownPath(path), 300)} is outside of ${allowed}`, {
      hint: "Name a path in there, or ask the person you work for to set HOLDFAST_COPY_ROOTS",
    });
  }

  /** The directory in which `path` is, and its name there: of a root, the root itself and `.`. */
  async around(path: BytePath): Promise<{ readonly directory: HeldDirectory; readonly name: BytePath }> {
    if (this.rootOf(path) === path) return { directory: await this.hold(path), name: "." };
    const { parent, name } = plainly(path);
    return { directory: await this.hold(parent), name };
  }

  async hold(path: BytePath): Promise<HeldDirectory> {
    const root = this.rootOf(path);
    if (!onLinux) return checkedDirectory(path);
    const entry = this.#open.get(path) ?? this.#begin(path, root);
    entry.users += 1;
    try {
      const { fd } = await entry.handle;
      return {
        at: (name) => Buffer.from(`/proc/self/fd/${fd}/${name}`, "latin1"),
        release: () => {
          entry.users -= 1;
        },
      };
    } catch (error) {
      entry.users -= 1;
      if (this.#open.get(path) === entry) this.#open.delete(path);
      throw error;
    }
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ handle }) => closeQuietly(handle)));
  }

  #begin(path: BytePath, root: BytePath): OpenDirectory {
    const entry: OpenDirectory = { handle: this.#descend(path, root), users: 0 };
    entry.handle.catch(() => undefined);
    this.#open.set(path, entry);
    this.#trim();
    return entry;
  }

  async #descend(path: BytePath, root: BytePath): Promise<FileHandle> {
    const flags = pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;
    if (path === root) return open(Buffer.from(path, "latin1"), flags);
    const { parent, name } = plainly(path);
    const above = await this.hold(parent);
    try {
      return await open(above.at(name), flags);
    } finally {
      above.release();
    }
  }

  #trim(): void {
    for (const [path, entry] of this.#open) {
      if (this.#open.size <= keptOpen) return;
      if (entry.users > 0) continue;
      this.#open.delete(path);
      void closeQuietly(entry.handle);
    }
  }
}

/** The parent and the name of a path below a root. Throws `denied_by_policy` for a name that leads elsewhere: a path may have been told by a host. */
function plainly(path: BytePath): ReturnType<typeof splitPath> {
  const split = splitPath(path);
  if (isPlainName(split.name)) return split;
  throw new HoldfastError("denied_by_policy", `${oneLine(shownPath(path), 300)} leads out of where it lies`, {
    hint: "Name the path without dots",
  });
}

async function closeQuietly(handle: Promise<FileHandle>): Promise<void> {
  await handle.then(async (one) => one.close()).catch(() => undefined);
}

async function checkedDirectory(path: BytePath): Promise<HeldDirectory> {
  const real = await realpath(Buffer.from(path, "latin1"), "buffer");
  if (real.toString("latin1") !== path) {
    throw new HoldfastError("denied_by_policy", `${oneLine(shownPath(path), 300)} has become a link`, {
      hint: "Look who changes it",
    });
  }
  return { at: (name) => Buffer.from(joinPath(path, name), "latin1"), release: () => undefined };
}

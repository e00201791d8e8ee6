import { constants } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rmdir,
  symlink,
  unlink,
  utimes,
} from "node:fs/promises";
import { homedir } from "node:os";
import { posix } from "node:path";
import { HoldfastError, oneLine } from "../../base/index.ts";
import type { LocalGround } from "./copy-api.ts";
import {
  joinPath,
  shownPath,
  splitPath,
  toBytePath,
  type BytePath,
  type CopySide,
  type FoundPlace,
  type SideEntry,
  type SideFacts,
  type SourceFile,
  type StagedFile,
  type StageOptions,
} from "./copy-side.ts";
import { FileExtras } from "./extras.ts";
import { keepingExtras } from "./keeping-extras.ts";
import { LocalDirectories, type HeldDirectory } from "./local-directories.ts";
import { factsOf, inWords, saidHere } from "./local-words.ts";
import { runScriptHere } from "./local-script.ts";
import { LocalSource } from "./local-source.ts";
import { SmallFiles } from "./small-files.ts";
import { SmallSource, SmallStaged } from "./small-local.ts";
import { stageLocally } from "./local-staged.ts";

/** Files of this machine on the way at once: its disk is near. */
const filesAtOnce = 64;

/** Names that are looked at together: one by one, each would wait for a thread. */
const namesAtOnce = 64;

const permissionBits = 0o1777;

/** This machine as a side of a copy, confined to the roots of its ground. */
export class LocalSide implements CopySide {
  readonly filesAtOnce = filesAtOnce;
  readonly #ground: LocalGround;
  readonly #directories: Promise<LocalDirectories>;
  readonly #small = new SmallFiles();
  readonly bundles = undefined;
  readonly extras = new FileExtras({ run: runScriptHere, hold: (path) => this.#forOthers(path) });

  constructor(ground: LocalGround) {
    this.#ground = ground;
    this.#directories = realRoots(ground.roots).then((roots) => new LocalDirectories(roots));
    this.#directories.catch(() => undefined);
  }

  async find(path: string): Promise<FoundPlace> {
    const real = await this.resolve(path);
    return { path: real, facts: await this.facts(real), inDirectory: false };
  }

  /** The absolute path, links followed as far as there is something. */
  async resolve(path: string): Promise<BytePath> {
    const home = path === "~" || path.startsWith("~/") ? `${homedir()}${path.slice(1)}` : path;
    const wanted = toBytePath(posix.resolve(this.#ground.directory, home));
    const directories = await this.#directories;
    const real = await realOf(wanted).catch((error: unknown) => {
      // Nothing is told of what is outside, not even why it cannot be seen.
      directories.rootOf(wanted);
      throw error;
    });
    directories.rootOf(real);
    return real;
  }

  async facts(path: BytePath): Promise<SideFacts | undefined> {
    return this.#in(path, async (at) => factsOf(await lstat(at))).catch((error: unknown) => {
      if (error instanceof HoldfastError && error.code === "file_missing") return undefined;
      throw error;
    });
  }

  async list(path: BytePath): Promise<readonly SideEntry[]> {
    const directories = await this.#directories;
    return inWords(path, async () => {
      const held = await directories.hold(path);
      try {
        const names = await readdir(held.at("."), { encoding: "buffer" });
        const entries: SideEntry[] = [];
        for (let from = 0; from < names.length; from += namesAtOnce) {
          const some = names.slice(from, from + namesAtOnce).map(async (one) => {
            const name = one.toString("latin1");
            const facts = await lstat(held.at(name)).then(factsOf, () => undefined);
            if (facts !== undefined) entries.push({ name, facts });
          });
          await Promise.all(some);
        }
        return entries;
      } finally {
        held.release();
      }
    });
  }

  async linkTarget(path: BytePath): Promise<BytePath> {
    return this.#in(path, async (at) => (await readlink(at, "buffer")).toString("latin1"));
  }

  async makeLink(path: BytePath, target: BytePath): Promise<void> {
    await this.#in(path, async (at) => symlink(Buffer.from(target, "latin1"), at));
  }

  async makeDirectory(path: BytePath, mode: number): Promise<void> {
    await this.#in(path, async (at) => mkdir(at, { mode }));
  }

  async settle(path: BytePath, { mode, modifiedS }: Pick<SideFacts, "mode" | "modifiedS">): Promise<void> {
    const directories = await this.#directories;
    await inWords(path, async () => {
      const held = await directories.hold(path);
      try {
        await chmod(held.at("."), mode & permissionBits);
        await utimes(held.at("."), modifiedS, modifiedS);
      } finally {
        held.release();
      }
    });
  }

  async remove(path: BytePath): Promise<void> {
    await this.#in(path, async (at) => unlink(at));
  }

  async removeDirectory(path: BytePath): Promise<void> {
    await this.#in(path, async (at) => rmdir(at));
  }

  async open(path: BytePath, small = false): Promise<SourceFile> {
    return this.#in(path, async (at) => {
      const whole = small ? await this.#small.read(at.toString("latin1")) : undefined;
      if (whole !== undefined) return new SmallSource(whole.bytes, whole.facts);
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const file = await open(at, flags);
      if ((await file.stat()).isFile()) return new LocalSource(file);
      await file.close();
      throw new HoldfastError("file_failed", `${oneLine(shownPath(path), 300)} is no regular file`, {
        hint: "Copy files and directories",
      });
    });
  }

  async stage(path: BytePath, options: StageOptions): Promise<StagedFile> {
    const { mark, fresh, replaces } = options;
    const extras = replaces === undefined ? "none" : await this.extras.of(path, replaces.many);
    const small = options.small === true && extras !== "some" && options.gives === undefined;
    const directories = await this.#directories;
    const { directory, name } = await inWords(path, () => directories.around(path));
    const keeps = (staged: StagedFile): StagedFile =>
      keepingExtras(staged, { path, options, extras: this.extras, known: extras });
    if (small) return keeps(new SmallStaged({ directory, name, mark, shown: shownPath(path) }, this.#small));
    try {
      return keeps(await inWords(path, () => stageLocally({ directory, name, mark, shown: shownPath(path) }, fresh)));
    } catch (error) {
      directory.release();
      throw error;
    }
  }

  async sha256(path: BytePath, lengthBytes: number): Promise<string> {
    const file = await this.open(path);
    try {
      return await (file instanceof LocalSource ? file.sha256(lengthBytes) : Promise.resolve(""));
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    // First the thread, which works in them.
    await this.#small.close();
    await this.#directories.then((directories) => directories.close()).catch(() => undefined);
  }

  /** The path by which another process finds what is here, through the same descriptor. */
  async #forOthers(path: BytePath): Promise<{ readonly at: BytePath; release(): void }> {
    const directories = await this.#directories;
    const { directory, name } = await inWords(path, () => directories.around(path));
    const at = directory.at(name).toString("latin1");
    return { at: at.replace(/^\/proc\/self\//, `/proc/${process.pid}/`), release: () => directory.release() };
  }

  async #in<T>(path: BytePath, work: (at: Buffer) => Promise<T>): Promise<T> {
    const directories = await this.#directories;
    return inWords(path, async () => {
      const { directory, name }: { directory: HeldDirectory; name: BytePath } = await directories.around(path);
      try {
        return await work(directory.at(name));
      } finally {
        directory.release();
      }
    });
  }
}

/** Roots without links; those that are not there are none. Rejects with `denied_by_policy` when none is left. */
async function realRoots(roots: readonly string[]): Promise<readonly BytePath[]> {
  const real = await Promise.all(
    roots.map((root) =>
      realpath(root, "buffer").then(
        (one) => one.toString("latin1"),
        () => undefined,
      ),
    ),
  );
  const there = real.filter((root): root is BytePath => root !== undefined);
  if (there.length > 0) return there;
  throw new HoldfastError("denied_by_policy", "no directory of this machine is open to copies", {
    hint: "Ask the person you work for to set HOLDFAST_COPY_ROOTS",
  });
}

/** The path without links as far as there is something; what is not there yet stays as it is. */
async function realOf(path: BytePath): Promise<BytePath> {
  const missing: BytePath[] = [];
  for (let at = path; ; at = splitPath(at).parent) {
    try {
      const real = (await realpath(Buffer.from(at, "latin1"), "buffer")).toString("latin1");
      return missing.reduceRight(joinPath, real);
    } catch (error) {
      if (at === "/" || !isMissing(error)) throw saidHere(path, error);
      missing.push(splitPath(at).name);
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

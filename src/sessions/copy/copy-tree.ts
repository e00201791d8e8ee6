import { asHoldfastError, HoldfastError, oneLine, Semaphore } from "../../base/index.ts";
import { copyFile, stopped, type CopyContext } from "./copy-file.ts";
import {
  isPlainName,
  isUtf8,
  joinPath,
  shownPath,
  type BytePath,
  type CopySide,
  type SideEntry,
  type SideFacts,
} from "./copy-side.ts";
import { giveExtras, givenExtras } from "./given-extras.ts";

import { SmallBundles } from "./small-bundles.ts";

interface Roots {
  readonly from: BytePath;
  readonly to: BytePath;
}

/** Bytes of files that are copied at the same time: about what is held of them at most. */
const largeBytes = 1_048_576;
const largeAtOnce = 4;

/** Files with names that only a shell can carry: each takes up to two of the eight channels of a connection, and all must not wait for each other. */
const carriedAtOnce = 2;

/** Directories that are worked on at the same time. */
const directoriesAtOnce = 32;

/** Deeper is a circle or an attack. */
const deepest = 200;

/** Of a directory until all is in it. */
const ownerOnly = 0o700;

/** What ends the whole attempt, and not one file. */
const endsAll: readonly string[] = ["connection_lost", "timed_out", "cancelled", "limit_reached"];

interface TreeOptions {
  readonly delete: boolean;
  excluded(path: BytePath, isDirectory: boolean): boolean;
}

/** Copies a directory with all that is in it. What fails is told and does not stop the rest; a lost connection does. */
export class TreeCopy {
  readonly #context: CopyContext;
  readonly #options: TreeOptions;
  readonly #roots: Roots;
  readonly #files: Semaphore;
  readonly #large = new Semaphore(largeAtOnce);
  readonly #carried = new Semaphore(carriedAtOnce);
  readonly #directories = new Semaphore(directoriesAtOnce);
  readonly #bundles: SmallBundles;
  #ending: HoldfastError | undefined;

  /** Both places are directories that are there. */
  constructor(context: CopyContext, roots: Roots, options: TreeOptions) {
    this.#context = { ...context, many: true };
    this.#options = options;
    this.#roots = { from: roots.from, to: roots.to };
    this.#bundles = new SmallBundles(this.#context, roots, (pair) =>
      this.#alone(pair, pair.facts, async () => {
        await copyFile(pair, this.#context);
      }),
    );
    this.#files = new Semaphore(Math.max(context.source.filesAtOnce, context.target.filesAtOnce));
  }

  /** Rejects with what ends the whole copy. */
  async run(facts: SideFacts): Promise<void> {
    await this.#directory({ ...this.#roots, path: "", depth: 0 }, facts);
    if (this.#ending !== undefined) throw this.#ending;
  }

  async #directory(place: Place, facts: SideFacts): Promise<void> {
    const release = await this.#directories.acquire();
    let entries: readonly SideEntry[] = [];
    let old: ReadonlyMap<BytePath, SideFacts> | undefined;
    try {
      const [listed, before] = await Promise.all([
        this.#context.source.list(place.from),
        targetEntries(this.#context.target, place.to),
      ]);
      entries = listed;
      old = before;
    } catch (error) {
      this.#failed(place.from, error);
    } finally {
      release();
    }
    if (old === undefined || this.#over) return;
    const there = old;
    const wanted = entries.filter((entry) => this.#isWanted(place, entry));
    await this.#clearWay(place, wanted, there);
    for (const { facts: one } of wanted) this.#count(one);
    await Promise.all(wanted.map((entry) => this.#entry(below(place, entry.name), entry.facts, there.get(entry.name))));
    if (this.#over) return;
    await this.#attempt(place.to, () => this.#settle(place, facts));
  }

  async #settle({ from, to }: Place, facts: SideFacts): Promise<void> {
    await this.#context.target.settle(to, facts);
    const gives = this.#context.xattrs ? await givenExtras(from, this.#context) : undefined;
    if (gives !== undefined) await giveExtras(to, gives, this.#context);
  }

  /** Removes what the source has not, where that is wanted. */
  async #clearWay(place: Place, wanted: readonly SideEntry[], old: ReadonlyMap<BytePath, SideFacts>): Promise<void> {
    if (!this.#options.delete || this.#context.tally.failed > 0) return;
    const keep = new Set(wanted.map(({ name }) => name));
    for (const [name, facts] of old) {
      const { path, to } = below(place, name);
      if (keep.has(name) || this.#options.excluded(path, facts.kind === "directory") || this.#over) continue;
      await this.#attempt(to, () => this.#remove(to, facts));
    }
  }

  async #remove(path: BytePath, facts: SideFacts): Promise<void> {
    const { target, tally } = this.#context;
    if (facts.kind === "directory") {
      for (const entry of await target.list(path)) await this.#remove(joinPath(path, entry.name), entry.facts);
      await target.removeDirectory(path);
    } else await target.remove(path);
    tally.removed += 1;
  }

  #isWanted({ path, from, depth }: Place, { name, facts }: SideEntry): boolean {
    if (this.#options.excluded(path === "" ? name : `${path}/${name}`, facts.kind === "directory")) return false;
    if (name.startsWith(".holdfast-part-")) return false;
    const why = !isPlainName(name)
      ? "its name leads elsewhere"
      : depth >= deepest
        ? "it lies too deep"
        : facts.kind === "other"
          ? "it is no file, directory or link"
          : undefined;
    if (why === undefined) return true;
    this.#context.tally.failure(shownPath(joinPath(from, name)), why);
    return false;
  }

  #count({ kind, sizeBytes }: SideFacts): void {
    if (kind !== "file") return;
    this.#context.tally.totalFiles += 1;
    this.#context.tally.totalBytes += sizeBytes;
  }

  async #entry(place: Place, facts: SideFacts, old: SideFacts | undefined): Promise<void> {
    if (facts.kind === "directory") {
      if (old?.kind !== "directory") {
        const made = await this.#attempt(place.to, () => this.#makeDirectory(place.to, old));
        if (!made) return;
      }
      await this.#directory(place, facts);
      return;
    }
    const { from, to } = place;
    await this.#attempt(from, () =>
      facts.kind === "link"
        ? this.#alone(place, facts, () => this.#link(place, old))
        : this.#bundles.copy({ from, to, facts, old }),
    );
  }

  async #alone({ from, to }: Pick<Place, "from" | "to">, facts: SideFacts, work: () => Promise<void>): Promise<void> {
    const carried = isUtf8(from) && isUtf8(to) ? undefined : await this.#carried.acquire();
    const large = facts.sizeBytes > largeBytes ? await this.#large.acquire() : undefined;
    const release = await this.#files.acquire();
    try {
      if (this.#context.signal.aborted) throw stopped();
      if (!this.#over) await work();
    } finally {
      release();
      large?.();
      carried?.();
    }
  }

  async #makeDirectory(path: BytePath, old: SideFacts | undefined): Promise<void> {
    if (old !== undefined) {
      throw new HoldfastError("file_failed", `${oneLine(shownPath(path), 300)} is there and is no directory`, {
        hint: "Remove it first",
      });
    }
    await this.#context.target.makeDirectory(path, ownerOnly);
  }

  async #link({ from, to }: Place, old: SideFacts | undefined): Promise<void> {
    const { source, target } = this.#context;
    const leads = await source.linkTarget(from);
    if (old?.kind === "link" && (await target.linkTarget(to)) === leads) return;
    if (old?.kind === "directory") {
      throw new HoldfastError("file_failed", `${oneLine(shownPath(to), 300)} is a directory`, {
        hint: "Remove it first",
      });
    }
    if (old !== undefined) await target.remove(to);
    await target.makeLink(to, leads);
  }

  /** Whether `work` was done. Its failure is told, or ends everything. */
  async #attempt(path: BytePath, work: () => Promise<void>): Promise<boolean> {
    if (this.#over) return false;
    try {
      await work();
      return true;
    } catch (error) {
      this.#failed(path, error);
      return false;
    }
  }

  #failed(path: BytePath, error: unknown): void {
    const told = asHoldfastError(error);
    const { code, message } = told;
    if (endsAll.includes(code)) this.#ending ??= told;
    else this.#context.tally.failure(shownPath(path), `${code}: ${message}`);
  }

  get #over(): boolean {
    return this.#ending !== undefined || this.#context.signal.aborted;
  }
}

/** A place in both trees, and the path to it from the top. */
interface Place {
  readonly from: BytePath;
  readonly to: BytePath;
  readonly path: BytePath;
  readonly depth: number;
}

function below({ from, to, path, depth }: Place, name: BytePath): Place {
  return {
    from: joinPath(from, name),
    to: joinPath(to, name),
    path: path === "" ? name : `${path}/${name}`,
    depth: depth + 1,
  };
}

async function targetEntries(target: CopySide, path: BytePath): Promise<ReadonlyMap<BytePath, SideFacts>> {
  return new Map((await target.list(path)).map(({ name, facts }) => [name, facts]));
}

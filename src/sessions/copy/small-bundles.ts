import { HoldfastError, afterEvents, asHoldfastError } from "../../base/index.ts";
import { SmallSource } from "./small-local.ts";
import { copyFile, isSame, stopped, type CopyContext, type FilePair } from "./copy-file.ts";
import type { WholeFile } from "./bundles.ts";
import { isPlainName, splitPath, stagedPath, type BytePath, type CopySide, type SideFacts } from "./copy-side.ts";
import { smallFileBytes } from "./small-files.ts";

/**
 * One bundle holds at most: as much as is worth sending again when it broke off, and paths that fit into an argument list. With 512 files, copies of
 * many take 20 to 30 MiB more.
 */
const mostFiles = 256;
const mostBytes = 4 * 1024 * 1024;
const mostPathBytes = 65_536;

/** With fewer, one by one is as fast; where each file takes processes of its own, it never is. */
const fewestFiles = 8;
const fewestByShell = 2;

/** While one is on its way the next is put together. */
const bundlesAtOnce = 2;

/** Codes that end the whole attempt. */
const endsAll: readonly string[] = ["connection_lost", "timed_out", "cancelled", "limit_reached"];

interface Roots {
  readonly from: BytePath;
  readonly to: BytePath;
}

interface Waiting {
  readonly pair: FilePair;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Small files of a tree, many at once: where one side can send or take many in one command, each costs it no steps of its own. What cannot go so is
 * copied one by one, and tells its reasons there.
 */
export class SmallBundles {
  readonly #context: CopyContext;
  readonly #roots: Roots;
  #waiting: Waiting[] = [];
  readonly #lanes = new Set<number>();
  readonly #alone: (pair: FilePair) => Promise<void>;

  /** `alone` copies one file as if there were no bundles. */
  constructor(context: CopyContext, roots: Roots, alone: (pair: FilePair) => Promise<void>) {
    this.#context = context;
    this.#roots = roots;
    this.#alone = alone;
  }

  /** Rejects as copying the file does. */
  async copy(pair: FilePair): Promise<void> {
    if (!(await this.#mayGo(pair))) {
      await this.#alone(pair);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ pair, resolve, reject });
      afterEvents(() => this.#send());
    });
  }

  get #fewest(): number {
    const { source, target } = this.#context;
    return Math.min(source.filesAtOnce, target.filesAtOnce) < fewestFiles ? fewestByShell : fewestFiles;
  }

  get #reads(): boolean {
    return this.#context.source.bundles?.can("read") === true;
  }

  get #writes(): boolean {
    return this.#context.target.bundles?.can("write") === true;
  }

  /** What tells no size may be large: only a host that reads it whole shows that it has none. A time before 1970 has no place in an archive. */
  #fits({ sizeBytes, modifiedS }: SideFacts): boolean {
    if (!(this.#reads || this.#writes) || modifiedS < 0) return false;
    return sizeBytes <= smallFileBytes && (sizeBytes > 0 || this.#reads);
  }

  async #mayGo(pair: FilePair): Promise<boolean> {
    const { facts, old, to } = pair;
    const { verify, xattrs, target, resume } = this.#context;
    if (verify || xattrs || !this.#fits(facts)) return false;
    if (old === undefined) return true;
    if (old.kind !== "file" || (resume && (await isSame(pair, this.#context)))) return false;
    return (await target.extras?.of(to, true)) === "none";
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#lanes.size < bundlesAtOnce) {
      const lane = this.#lanes.has(0) ? 1 : 0;
      const some = this.#waiting.splice(0, howMany(this.#waiting));
      this.#lanes.add(lane);
      void this.#carry(some, lane).finally(() => {
        this.#lanes.delete(lane);
        this.#send();
      });
    }
  }

  /** Never rejects. */
  async #carry(some: readonly Waiting[], lane: number): Promise<void> {
    try {
      if (this.#context.signal.aborted) throw stopped();
      const left = some.length < this.#fewest ? some : await this.#bundle(some, lane);
      const alone = left.map(async (one) =>
        this.#alone(one.pair).then(
          () => one.resolve(),
          (error: unknown) => one.reject(error),
        ),
      );
      await Promise.all(alone);
    } catch (error) {
      for (const one of some) one.reject(error);
    }
  }

  /** What is left, to be copied one by one. */
  async #bundle(some: readonly Waiting[], lane: number): Promise<readonly Waiting[]> {
    try {
      const files = await this.#read(some.map(({ pair }) => pair));
      if (!this.#writes) return await this.#spread(some, files);
      await this.#write(some, files, lane);
      return [];
    } catch (error) {
      if (endsAll.includes(asHoldfastError(error).code)) throw error;
      return some;
    }
  }

  async #read(pairs: readonly FilePair[]): Promise<readonly WholeFile[]> {
    const { source } = this.#context;
    const { from: root } = this.#roots;
    if (this.#reads && source.bundles !== undefined) {
      return source.bundles.read(
        root,
        pairs.map(({ from, facts }) => ({ path: below(root, from), facts })),
      );
    }
    const files: WholeFile[] = [];
    for (let at = 0; at < pairs.length; at += source.filesAtOnce) {
      const some = pairs.slice(at, at + source.filesAtOnce);
      files.push(...(await Promise.all(some.map((pair) => readWhole(source, pair)))));
    }
    return files;
  }

  /** Writes each file by itself, as many at once as the target bears; those that could not be written are left. */
  async #spread(some: readonly Waiting[], files: readonly WholeFile[]): Promise<readonly Waiting[]> {
    const { filesAtOnce } = this.#context.target;
    const left: Waiting[] = [];
    for (let from = 0; from < some.length; from += filesAtOnce) {
      const now = some.slice(from, from + filesAtOnce);
      const done = await Promise.allSettled(now.map((one, at) => this.#spreadOne(one, files[from + at])));
      left.push(...now.filter((_, at) => done[at]?.status === "rejected"));
    }
    return left;
  }

  async #spreadOne(one: Waiting, file: WholeFile | undefined): Promise<void> {
    if (file === undefined) return;
    const read = new SmallSource(file.bytes, file.facts);
    await copyFile({ ...one.pair, read }, { ...this.#context, resume: false });
    one.resolve();
  }

  async #write(some: readonly Waiting[], files: readonly WholeFile[], lane: number): Promise<void> {
    const { target, tally } = this.#context;
    const root = this.#roots.to;
    const directories = new Map<BytePath, WholeFile[]>();
    for (const [at, { pair }] of some.entries()) {
      const file = files[at];
      if (file === undefined) continue;
      const path = below(root, pair.to);
      const { parent } = splitPath(`/${path}`);
      const inside = directories.get(parent.slice(1)) ?? [];
      inside.push({ ...file, path });
      directories.set(parent.slice(1), inside);
    }
    const staging = splitPath(stagedPath(root, `${this.#context.mark(this.#roots.from, root)}-${lane}`)).name;
    await target.bundles?.write({
      root,
      staging,
      directories: [...directories].map(([path, inside]) => ({ path, files: inside })),
    });
    for (const one of some) {
      tally.files += 1;
      tally.moved(one.pair.facts.sizeBytes);
      one.resolve();
    }
  }
}

/** Rejects when it is not what was told of it. */
async function readWhole(source: CopySide, { from, facts }: FilePair): Promise<WholeFile> {
  const file = await source.open(from, true);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.bytes(0, facts.sizeBytes)) chunks.push(new Uint8Array(chunk));
    const bytes = Buffer.concat(chunks);
    const now = await file.facts();
    const isWhole = bytes.length === facts.sizeBytes && now.sizeBytes === facts.sizeBytes;
    if (isWhole && now.modifiedS === facts.modifiedS) return { path: from, bytes, facts };
  } finally {
    await file.close();
  }
  throw changed();
}

function changed(): HoldfastError {
  return new HoldfastError("file_changed", "a file has changed while it was copied", { hint: "Copy it again" });
}

/** How many of those that wait fit into one bundle; at least one. */
function howMany(waiting: readonly Waiting[]): number {
  let [bytes, paths] = [0, 0];
  const end = waiting.findIndex(({ pair }, at) => {
    bytes += pair.facts.sizeBytes;
    paths += Math.max(pair.from.length, pair.to.length) + 4;
    return at >= mostFiles || (at > 0 && (bytes > mostBytes || paths > mostPathBytes));
  });
  return end < 0 ? waiting.length : end;
}

/** The path below `root`, for a path that begins with it. */
function below(root: BytePath, path: BytePath): BytePath {
  const inside = path.slice(root === "/" ? 1 : root.length + 1);
  if (inside.split("/").every(isPlainName)) return inside;
  throw new Error("a path that leads elsewhere");
}

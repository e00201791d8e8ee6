import { HoldfastError, asHoldfastError, shellWord } from "../../base/index.ts";
import type { CopyScript } from "./copy-script.ts";
import { joinPath, type BytePath, type SideFacts } from "./copy-side.ts";
import { tarEnd, tarMember } from "./tar-writer.ts";

/** What is told of a file before and after its bytes takes less. */
const factsBytes = 64;

/** A small file as it goes in a bundle. */
export interface WholeFile {
  readonly path: BytePath;
  readonly bytes: Uint8Array;
  readonly facts: SideFacts;
}

/** Where a bundle goes: below `root`, first into directories named `staging`, each in the one where its files will be. */
export interface BundlePlace {
  readonly root: BytePath;
  readonly staging: string;
  /** Relative to `root`, "" for itself. */
  readonly directories: readonly { readonly path: BytePath; readonly files: readonly WholeFile[] }[];
}

/** Many small files of a host in one command: to read them takes `cat`, to write them `tar`, whatever the number. */
export class Bundles {
  readonly #run: (request: CopyScript) => Promise<Buffer>;
  readonly #without = new Set<"read" | "write">();

  constructor(run: (request: CopyScript) => Promise<Buffer>) {
    this.#run = run;
  }

  /** It has not turned out yet that the host cannot do it. */
  can(way: "read" | "write"): boolean {
    return !this.#without.has(way);
  }

  /** The bytes of files with these facts below `root`. Rejects when one of them is another meanwhile, or the host cannot do it. */
  read(root: BytePath, files: readonly Omit<WholeFile, "bytes">[]): Promise<readonly WholeFile[]> {
    return this.#try("read", async () => {
      const words = files.map(({ path }) => shellWord(`./${path}`)).join(" ");
      const total = files.reduce((sum, { facts }) => sum + facts.sizeBytes, 0);
      const answer = await this.#run({
        script: "gather",
        path: root,
        variables: { P: root },
        input: once(Buffer.from(words, "latin1")),
        mostBytes: total + 2 * files.length * factsBytes,
      });
      return cut(answer, files);
    });
  }

  /** Puts the files in their places, each in one step, with mode and time. Rejects when that could not be done with all. */
  write({ root, staging, directories }: BundlePlace): Promise<void> {
    return this.#try("write", async () => {
      const words = directories.map(({ path, files }) => {
        const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
        return `${shellWord(`./${path}`)} ${files.length} ${total}`;
      });
      const variables = { P: root, S: staging, D: words.join(" ") };
      await this.#run({ script: "unpack", path: root, variables, input: archive(staging, directories) });
    });
  }

  async #try<T>(way: "read" | "write", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code, message } = asHoldfastError(error);
      // Whatever else: it is not tried again.
      if (code === "unsupported" || message.includes(" not found")) this.#without.add(way);
      throw error;
    }
  }
}

/** Each file's bytes out of facts, bytes and facts again. Throws when they are not those that were told. */
function cut(answer: Buffer, files: readonly Omit<WholeFile, "bytes">[]): readonly WholeFile[] {
  const told = files.map(({ facts }) => `${facts.sizeBytes} ${facts.modifiedS}\n`).join("");
  let at = told.length;
  const whole = files.map(({ path, facts }) => {
    const bytes = answer.subarray(at, at + facts.sizeBytes);
    at += facts.sizeBytes;
    return { path, facts, bytes };
  });
  const isSame = answer.toString("latin1", 0, told.length) === told && answer.toString("latin1", at) === told;
  if (isSame) return whole;
  throw new HoldfastError("file_changed", "a file has changed while it was copied", { hint: "Copy it again" });
}

async function* archive(staging: string, directories: BundlePlace["directories"]): AsyncGenerator<Uint8Array, void> {
  for (const { path, files } of directories) {
    const inside = path === "" ? staging : joinPath(path, staging);
    for (const file of files) {
      const name = file.path.slice(file.path.lastIndexOf("/") + 1);
      const { mode, modifiedS } = file.facts;
      yield await Promise.resolve(tarMember(joinPath(inside, name), file.bytes, { mode: mode & 0o1777, modifiedS }));
    }
  }
  yield tarEnd;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}

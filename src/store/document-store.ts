import { chmod, lstat, mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HoldfastError, Mutex, messageOf, randomHex } from "../base/index.ts";

/** The largest document that is written or read (1 MiB): these are small records, not data. */
const largestDocumentBytes = 1_048_576;

/** Letters, digits, dot, dash and underscore, not starting with a dot: safe as a file name on every system. */
const safeName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/;

/** What a document store tells about a file that it left aside. */
export interface BadDocument {
  readonly name: string;
  readonly reason: string;
}

/** Small JSON documents by name, for one kind of thing. Safe for several processes: the last writer wins, a reader never sees half a document. */
export interface DocumentStore {
  /** The document, or undefined when there is none or it cannot be read (then it is reported). Rejects with `bad_input` for a name that is none. */
  get(name: string): Promise<unknown>;
  /** Writes the document durably before it resolves. Rejects with `bad_input` or `too_large`. */
  put(name: string, document: unknown): Promise<void>;
  /** Removes the document; a missing one is fine. */
  delete(name: string): Promise<void>;
  /** Names of all documents, sorted. */
  list(): Promise<readonly string[]>;
}

interface DocumentStoreOptions {
  /** Directory of the store; created 0700 with the first document. */
  readonly directory: string;
  /** Told about each file that is ignored because it is no readable JSON document. */
  readonly onBad?: (bad: BadDocument) => void;
}

/** A document store of files `<directory>/<name>.json`, mode 0600, each replaced atomically (temporary file, fsync, rename). */
export function createFileStore(options: DocumentStoreOptions): DocumentStore {
  const writing = new Mutex();
  const pathOf = (name: string): string => join(options.directory, `${checkedName(name)}.json`);
  return {
    get: async (name) => readDocument(pathOf(name), name, options.onBad),
    put: async (name, document) => {
      const path = pathOf(name);
      const text = serialize(name, document);
      await writing.run(() => writeDocument(options.directory, path, text));
    },
    delete: async (name) => {
      const path = pathOf(name);
      await writing.run(() => rm(path, { force: true }));
    },
    list: () => listNames(options.directory),
  };
}

/** A document store that lives and dies with the process; for tests and for running without a state directory. */
export function createMemoryStore(): DocumentStore {
  const texts = new Map<string, string>();
  return {
    get: async (name) => parseOrUndefined(texts.get(checkedName(name))),
    put: async (name, document) => {
      texts.set(checkedName(name), serialize(name, document));
    },
    delete: async (name) => {
      texts.delete(checkedName(name));
    },
    list: async () => [...texts.keys()].sort(),
  };
}

function checkedName(name: string): string {
  if (safeName.test(name)) return name;
  throw new HoldfastError("bad_input", `${JSON.stringify(name.slice(0, 60))} is no name for a stored document`, {
    hint: "Use letters, digits, dot, dash and underscore, at most 120",
  });
}

function serialize(name: string, document: unknown): string {
  const text = `${JSON.stringify(document)}\n`;
  if (Buffer.byteLength(text) <= largestDocumentBytes) return text;
  throw new HoldfastError("too_large", `the document ${name} is larger than ${largestDocumentBytes} bytes`);
}

function parseOrUndefined(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const document: unknown = JSON.parse(text);
  return document;
}

async function readDocument(path: string, name: string, onBad: DocumentStoreOptions["onBad"]): Promise<unknown> {
  try {
    const about = await lstat(path);
    if (!about.isFile()) throw new Error("it is not a regular file");
    if (about.size > largestDocumentBytes) throw new Error(`it has ${about.size} bytes`);
    return parseOrUndefined(await readFile(path, "utf8"));
  } catch (thrown) {
    if (!isMissing(thrown)) onBad?.({ name, reason: messageOf(thrown) });
    return undefined;
  }
}

async function writeDocument(directory: string, path: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomHex(6)}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function listNames(directory: string): Promise<readonly string[]> {
  try {
    const files = await readdir(directory);
    return files
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -".json".length))
      .filter((name) => safeName.test(name))
      .sort();
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}

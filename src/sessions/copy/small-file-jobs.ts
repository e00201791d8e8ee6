import type * as FileSystem from "node:fs";
import type { BytePath, SideFacts } from "./copy-side.ts";

/** A small file to read as a whole. */
interface ReadJob {
  readonly kind: "read";
  readonly number: number;
  readonly path: BytePath;
  /** A larger one is left to others. */
  readonly mostBytes: number;
}

/** A small file to write as `part` and put in the place of `path`. */
interface WriteJob {
  readonly kind: "write";
  readonly number: number;
  readonly part: BytePath;
  readonly path: BytePath;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly modifiedS: number;
}

export type SmallFileJob = ReadJob | WriteJob;

export interface SmallFileResult {
  readonly number: number;
  /** What was read, and the facts after that; neither when it is no small regular file. */
  readonly bytes?: Uint8Array;
  readonly facts?: SideFacts;
  /** What the system said. */
  readonly failure?: string;
}

interface JobPort {
  on(event: "message", listener: (jobs: readonly SmallFileJob[]) => void): unknown;
  postMessage(results: readonly SmallFileResult[], transfer: readonly ArrayBuffer[]): void;
}

type Files = typeof FileSystem;

/** Reads a small file. It stands alone, as the text of a thread does: it uses nothing but what it is given. */
function readSmallFile(fs: Files, { number, path, mostBytes }: ReadJob): SmallFileResult {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = fs.openSync(Buffer.from(path, "latin1"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const before = fs.fstatSync(file);
    if (!before.isFile() || before.size > mostBytes) return { number };
    const bytes = new Uint8Array(before.size);
    let got = 0;
    while (got < bytes.length) {
      const some = fs.readSync(file, bytes, got, bytes.length - got, got);
      if (some === 0) break;
      got += some;
    }
    const { size, mode, mtimeMs } = fs.fstatSync(file);
    const facts = {
      kind: "file",
      sizeBytes: size,
      mode: mode & 0o7777,
      modifiedS: Math.floor(mtimeMs / 1000),
    } as const;
    return { number, bytes: got === bytes.length ? bytes : bytes.slice(0, got), facts };
  } finally {
    fs.closeSync(file);
  }
}

/** Writes a small file anew and puts it in its place; what could not be finished is removed. It stands alone, too. */
function writeSmallFile(fs: Files, { number, bytes, mode, modifiedS, ...paths }: WriteJob): SmallFileResult {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  const part = Buffer.from(paths.part, "latin1");
  const create = (): number => fs.openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  let file = -1;
  try {
    file = create();
  } catch {
    // An earlier copy may have left it.
    fs.rmSync(part, { force: true });
    file = create();
  }
  try {
    try {
      for (let sent = 0; sent < bytes.length;) sent += fs.writeSync(file, bytes, sent, bytes.length - sent, sent);
      fs.fchmodSync(file, mode);
      fs.futimesSync(file, modifiedS, modifiedS);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(part, Buffer.from(paths.path, "latin1"));
  } catch (error) {
    fs.rmSync(part, { force: true });
    throw error;
  }
  return { number };
}

interface SmallFileWork {
  readonly fs: Files;
  readonly read: typeof readSmallFile;
  readonly write: typeof writeSmallFile;
}

/** Does jobs as they come, step by step, where waiting holds up nobody else. It stands alone, too. */
function serveSmallFiles(port: JobPort, { fs, read, write }: SmallFileWork): void {
  // So many results go back together: one by one each would wake the other thread.
  const resultsAtOnce = 16;
  const outcome = (job: SmallFileJob): SmallFileResult => {
    try {
      return job.kind === "read" ? read(fs, job) : write(fs, job);
    } catch (error) {
      return { number: job.number, failure: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on("message", (jobs) => {
    for (let from = 0; from < jobs.length; from += resultsAtOnce) {
      const results = jobs.slice(from, from + resultsAtOnce).map(outcome);
      const buffers = results.flatMap(({ bytes }) => (bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
      port.postMessage(results, buffers);
    }
  });
}

/** What a thread runs that does such jobs. */
export function smallFileThread(): string {
  const work = `{ fs: require("node:fs"), read: ${readSmallFile.toString()}, write: ${writeSmallFile.toString()} }`;
  return `(${serveSmallFiles.toString()})(require("node:worker_threads").parentPort, ${work})`;
}

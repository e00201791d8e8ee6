import type { Worker } from "node:worker_threads";
import { HoldfastError, afterEvents, saveHeap, tuneHeap } from "../../base/index.ts";
import type { BytePath, SideFacts } from "./copy-side.ts";
import { smallFileThread, type SmallFileJob, type SmallFileResult } from "./small-file-jobs.ts";

/** Up to this size a file is held in memory as a whole: 512 on the way are 16 MiB. */
export const smallFileBytes = 32_768;

/** What the thread may take: it holds a few small files at a time. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

interface Waiting {
  resolve(result: SmallFileResult): void;
  reject(error: HoldfastError): void;
}

/**
 * Small files of this machine, each read or written by one request to a thread of its own. The usual way takes five to seven steps, each a
 * promise and a way to the pool of threads and back, which is most of what a small file costs.
 */
export class SmallFiles {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #held: SmallFileJob[] = [];
  #number = 0;
  #closed = false;

  /** The bytes and then the facts of a regular file of at most `smallFileBytes`; undefined when it is none. Rejects with what the system says. */
  async read(path: BytePath): Promise<{ readonly bytes: Uint8Array; readonly facts: SideFacts } | undefined> {
    const { bytes, facts } = await this.#ask((number) => ({ kind: "read", number, path, mostBytes: smallFileBytes }));
    return bytes === undefined || facts === undefined ? undefined : { bytes, facts };
  }

  /** Writes `part` anew and puts it in the place of `path` in one step; when that fails, `part` is removed. */
  async write(
    to: { readonly part: BytePath; readonly path: BytePath },
    bytes: Uint8Array,
    facts: Pick<SideFacts, "mode" | "modifiedS">,
  ): Promise<void> {
    const { mode, modifiedS } = facts;
    await this.#ask((number) => ({ kind: "write", number, part: to.part, path: to.path, bytes, mode, modifiedS }));
  }

  /** Ends the thread; what waits is rejected. Safe to call twice. */
  async close(): Promise<void> {
    this.#end();
    await this.#worker?.terminate();
  }

  async #ask(make: (number: number) => SmallFileJob): Promise<SmallFileResult> {
    const number = (this.#number += 1);
    const result = await new Promise<SmallFileResult>((resolve, reject) => {
      if (this.#closed) throw ended();
      this.#waiting.set(number, { resolve, reject });
      if (this.#held.length === 0) afterEvents(() => this.#flush());
      this.#held.push(make(number));
    });
    if (result.failure !== undefined) throw new Error(result.failure);
    return result;
  }

  #flush(): void {
    const held = this.#held;
    this.#held = [];
    if (this.#closed || held.length === 0) return;
    this.#worker ??= this.#start();
    tuneHeap();
    this.#worker.postMessage(held);
  }

  #start(): Worker {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const worker = new Worker(smallFileThread(), { eval: true, execArgv: [], resourceLimits });
    worker.on("message", (results: readonly SmallFileResult[]) => {
      tuneHeap();
      for (const result of results) {
        this.#waiting.get(result.number)?.resolve(result);
        this.#waiting.delete(result.number);
      }
    });
    // With each heap that it makes V8 lets all of them grow as usual.
    worker.once("online", tuneHeap);
    worker.on("error", () => undefined);
    const heapIsFree = saveHeap();
    worker.once("exit", () => {
      heapIsFree();
      this.#end();
    });
    worker.unref();
    return worker;
  }

  #end(): void {
    this.#closed = true;
    for (const waiting of this.#waiting.values()) waiting.reject(ended());
    this.#waiting.clear();
  }
}

function ended(): HoldfastError {
  return new HoldfastError("cancelled", "copying small files has ended");
}

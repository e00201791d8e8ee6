import type { OutputStream } from "../session-api.ts";
import type { SpoolStream } from "./spool-stream.ts";

/** Read at once. */
const pieceBytes = 1024 * 1024;

/** Read of one stream for one look; what is beyond comes with the next. */
const mostBytes = 8 * 1024 * 1024;

/** Commands that are remembered: as many as the host keeps epochs. */
const remembered = 16;

/** The spools of an epoch that nobody follows any more, where background jobs of its last command may still print. */
export interface LateStreams {
  readonly epoch: number;
  /** The command whose jobs hold them. */
  readonly number: number;
  readonly readers: ReadonlyMap<OutputStream, SpoolStream>;
}

/** Output of background jobs that comes after another epoch began: it stays on the host until somebody looks, and belongs to the job's command. */
export class LateOutput {
  readonly #fetch: (file: string, offset: number, limit: number) => Promise<Buffer | undefined>;
  readonly #streams = new Map<number, LateStreams>();

  /** `fetch`: bytes of a file of the session; undefined when it is gone. */
  constructor(fetch: (file: string, offset: number, limit: number) => Promise<Buffer | undefined>) {
    this.#fetch = fetch;
  }

  keep(streams: LateStreams | undefined): void {
    if (streams === undefined) return;
    this.#streams.set(streams.number, streams);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > remembered && oldest !== undefined) this.#streams.delete(oldest);
  }

  /** Fetches what the background jobs of command `number` have printed since the last look. Where that fails, the next look brings it. */
  async look(number: number): Promise<void> {
    const streams = this.#streams.get(number);
    if (streams === undefined) return;
    try {
      for (const [stream, reader] of streams.readers) {
        if (!(await this.#read(`${stream === "stdout" ? "O" : "E"}.${streams.epoch}`, reader))) {
          this.#streams.delete(number);
        }
      }
    } catch {
      // The host cannot be reached just now: what is known is shown all the same.
    }
  }

  /** False when the file is gone. */
  async #read(file: string, reader: SpoolStream): Promise<boolean> {
    const until = reader.offset + mostBytes;
    while (reader.offset < until) {
      const from = reader.offset;
      const bytes = await this.#fetch(file, from, pieceBytes);
      if (bytes === undefined) return false;
      // Another look may have told some of it meanwhile.
      if (reader.offset !== from) continue;
      reader.rewind();
      reader.feed(bytes);
      if (bytes.length < pieceBytes) return true;
    }
    return true;
  }
}

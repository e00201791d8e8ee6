import { constants } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { Mutex, monotonicMs, wallMs } from "../base/index.ts";
import { eventLine, headerLine, type CastEvent, type CastHeader } from "./cast-lines.ts";

/** A file that is not there is not made: it would have no header. */
const onlyIfThere = constants.O_WRONLY | constants.O_APPEND;

/** What a log is about, whatever part of it. */
export type CastAbout = Omit<CastHeader, "timestamp">;

interface CastLogParts {
  readonly about: CastAbout;
  /** A part that is longer than this is closed, and another begun. */
  readonly partBytes: number;
  /** Makes room, and says where part `number` (from 1) goes. */
  newPart(number: number): Promise<string>;
}

/** One log, in as many files as it takes: each an asciicast of its own. No file is kept open. */
export class CastLog {
  readonly #parts: CastLogParts;
  readonly #lock = new Mutex();
  #about: CastAbout;
  #path: string | undefined;
  #number = 0;
  #sizeBytes = 0;
  #beganMs = 0;

  constructor(parts: CastLogParts) {
    this.#parts = parts;
    this.#about = parts.about;
  }

  /** The file that is written to now; undefined before the first event. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Resolves when it is in the file. Rejects when that cannot be written. */
  append(kind: CastEvent["kind"], text: string): Promise<void> {
    return this.#lock.run(async () => {
      if (kind === "r") this.#resized(text);
      if (this.#path === undefined || this.#sizeBytes >= this.#parts.partBytes) await this.#begin();
      try {
        await this.#write(kind, text);
      } catch (thrown) {
        // Somebody has removed it: it goes on in another.
        if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
        await this.#begin();
        await this.#write(kind, text);
      }
    });
  }

  async #write(kind: CastEvent["kind"], text: string): Promise<void> {
    const line = eventLine({ atS: (monotonicMs() - this.#beganMs) / 1_000, kind, text });
    this.#sizeBytes += Buffer.byteLength(line);
    await appendFile(this.#path ?? "", line, { flag: onlyIfThere });
  }

  async #begin(): Promise<void> {
    this.#number += 1;
    this.#path = await this.#parts.newPart(this.#number);
    this.#beganMs = monotonicMs();
    const header = headerLine({ ...this.#about, timestamp: Math.floor(wallMs() / 1_000) });
    this.#sizeBytes = Buffer.byteLength(header);
    await writeFile(this.#path, header, { mode: 0o600, flag: "wx" });
  }

  /** The next part begins with the size that the terminal has then. */
  #resized(text: string): void {
    const [width, height] = text.split("x").map(Number);
    if (width !== undefined && height !== undefined) this.#about = { ...this.#about, width, height };
  }
}

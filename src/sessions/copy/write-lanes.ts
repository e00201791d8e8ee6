import type { SftpFile, SftpSession } from "../../ssh/index.ts";

/** As many bytes go over one channel before more are opened: about what a server lets onto one at once (OpenSSH: 2 MB). */
const widenAfterBytes = 1_048_576;

interface Lanes {
  /** Open for writing, on the usual channel. Whoever gives it closes it. */
  readonly first: SftpFile;
  readonly path: string;
  /** More channels to the same host, as they open. */
  more(): readonly Promise<SftpSession>[];
}

/** On the way over each channel: what fits into such a window. With 16, nearby, the same took 1.2 to 1.6 times as long. */
const inFlightPerLane = 7;

/** Over several it is filled to the brim. */
const inFlightOfSeveral = 8;

/** Writes to one file over several channels in turn: far away the window of one alone would hold a large file up. */
export class WriteLanes {
  readonly #lanes: Lanes;
  readonly #files: SftpFile[];
  readonly #opens: Promise<unknown>[] = [];
  #last: SftpFile;
  #widened = false;
  #sent = 0;
  #next = 0;
  #over = false;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
    this.#files = [lanes.first];
    this.#last = lanes.first;
  }

  /** How many writes to have on the way at once. */
  get inFlight(): number {
    return this.#files.length === 1 ? inFlightPerLane : inFlightOfSeveral * this.#files.length;
  }

  write(at: number, piece: Uint8Array): Promise<void> {
    this.#sent += piece.length;
    if (this.#sent > widenAfterBytes && !this.#widened) this.#widen();
    this.#next = (this.#next + 1) % this.#files.length;
    this.#last = this.#files[this.#next] ?? this.#lanes.first;
    return this.#last.write(at, piece);
  }

  /** The file's size behind the last write, asked on the same channel; undefined where the host does not say. */
  async sizeBytes(): Promise<number | undefined> {
    return this.#last.facts().then(
      ({ sizeBytes }) => sizeBytes,
      () => undefined,
    );
  }

  /** Closes what was opened here; nothing is opened afterwards. */
  async close(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#opens);
    await Promise.allSettled(this.#files.slice(1).map((file) => file.close()));
  }

  #widen(): void {
    this.#widened = true;
    for (const lane of this.#lanes.more()) {
      // One that cannot be had is no failure: there is always the first.
      lane.then((session) => this.#join(session)).catch(() => undefined);
    }
  }

  #join(session: SftpSession): void {
    if (this.#over) return;
    const opened = session.open(this.#lanes.path, "update").then(
      (file) => this.#files.push(file),
      () => undefined,
    );
    this.#opens.push(opened);
  }
}

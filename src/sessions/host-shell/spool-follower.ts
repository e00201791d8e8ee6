import { keyedHex } from "../../base/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream } from "../session-api.ts";
import type { SpoolPosition } from "./spool-position.ts";
import type { LateStreams } from "./late-output.ts";
import { SpoolStream, type StreamEnd } from "./spool-stream.ts";

/** Hex digits of a command's token: 96 bits, as good as random for whoever has not the session's key. */
const tokenDigits = 24;

/** The token in the marker that ends command `number`: only holders of the session's key can tell it before it is printed. */
export function commandToken(key: string, number: number): string {
  return keyedHex(key, `command ${number}`, tokenDigits);
}

export interface FollowerDeps {
  readonly key: string;
  /** The command with this number; made if it is not known yet. */
  commandAt(number: number, epoch: number): HostCommand;
  onEnd(stream: OutputStream, end: StreamEnd): void;
  /** See `SpoolListener.onForeignMarker`. */
  onForeignMarker?(stream: OutputStream, number: number): void;
  /** Another epoch begins while something still holds streams of this one. */
  onLeft?(streams: LateStreams): void;
}

/** Both spools of one epoch, wherever their bytes come from, and the commands that they belong to. */
export class SpoolFollower {
  readonly #deps: FollowerDeps;
  readonly #readers = new Map<OutputStream, SpoolStream>();
  /** Bytes of a stream that come again and have been told before. */
  readonly #again = new Map<OutputStream, number>();
  #epoch: number | undefined;

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** Where to go on after an interruption; undefined before anything was followed. */
  get position(): SpoolPosition | undefined {
    const stdout = this.#readers.get("stdout");
    const stderr = this.#readers.get("stderr");
    if (this.#epoch === undefined || stdout === undefined || stderr === undefined) return undefined;
    return { epoch: this.#epoch, stdout: stdout.offset, stderr: stderr.offset };
  }

  /**
   * The bytes that come next are epoch `at.epoch` from `at.offset` on: where we were, or the start of another epoch. From an earlier place
   * of the same epoch on, what has been told is not told twice.
   */
  barrier(stream: OutputStream, at: { readonly epoch: number; readonly offset: number }): void {
    if (at.epoch !== this.#epoch) {
      const left = this.leave();
      if (left !== undefined) this.#deps.onLeft?.(left);
      this.#epoch = at.epoch;
      this.#readers.clear();
    }
    const reader = this.#readers.get(stream);
    this.#again.delete(stream);
    if (reader === undefined || reader.offset < at.offset) this.#readers.set(stream, this.#newReader(stream, at));
    else {
      reader.rewind();
      this.#again.set(stream, reader.offset - at.offset);
    }
  }

  bytes(stream: OutputStream, bytes: Uint8Array): void {
    const again = Math.min(this.#again.get(stream) ?? 0, bytes.length);
    if (again > 0) this.#again.set(stream, (this.#again.get(stream) ?? 0) - again);
    if (again < bytes.length) this.#readers.get(stream)?.feed(bytes.subarray(again));
  }

  offset(stream: OutputStream): number {
    return this.#readers.get(stream)?.offset ?? 0;
  }

  /** The command whose output the spools have next; undefined where nothing is followed or something still holds them. */
  get number(): number | undefined {
    const reader = this.#readers.get("stdout");
    return reader === undefined || this.late ? undefined : reader.number;
  }

  /** A command has ended, but something still holds one of its streams. */
  get late(): boolean {
    return [...this.#readers.values()].some((reader) => reader.late);
  }

  /** The streams that something still holds; undefined when there are none. */
  leave(): LateStreams | undefined {
    const late = [...this.#readers].filter(([, reader]) => reader.late);
    const number = late[0]?.[1].number;
    if (number === undefined || this.#epoch === undefined) return undefined;
    return { epoch: this.#epoch, number, readers: new Map(late) };
  }

  #newReader(stream: OutputStream, at: { readonly epoch: number; readonly offset: number }): SpoolStream {
    const reader: SpoolStream = new SpoolStream(
      { number: at.epoch, offset: at.offset },
      (number) => commandToken(this.#deps.key, number),
      {
        onBytes: (number, bytes) => {
          const command = this.#deps.commandAt(number, at.epoch);
          command.streamBegins(stream, reader.begins);
          command.output(stream, bytes, reader.offset - bytes.length);
        },
        onEnd: (end) => {
          this.#deps.commandAt(end.number, at.epoch).streamBegins(stream, reader.begins);
          this.#deps.onEnd(stream, end);
        },
        onForeignMarker: (number) => {
          this.#deps.onForeignMarker?.(stream, number);
        },
      },
    );
    return reader;
  }
}

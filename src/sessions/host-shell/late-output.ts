import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream } from "../session-api.ts";
import type { SpoolStream } from "./spool-stream.ts";

/** Read at once. */
const pieceBytes = 1024 * 1024;

/** Read of one stream for one look; what is beyond comes with the next. */
const mostBytes = 8 * 1024 * 1024;

/** Commands of the session shell that are remembered: as many as the host keeps epochs (`KEEP` in `host/butler.sh`). */
const rememberedEpochs = 16;

/** Commands beside the shell that are remembered: as many as the host keeps the output of (`tidy` in `host/butler.sh`). */
const rememberedBeside = 64;

/** The spools of an epoch that nobody follows any more, where background jobs of its last command may still print. */
export interface LateStreams {
  readonly epoch: number;
  /** The command whose jobs hold them. */
  readonly number: number;
  readonly readers: ReadonlyMap<OutputStream, SpoolStream>;
}

export interface LateDeps {
  /** Bytes of a file of the session; undefined when it is gone. */
  fetch(file: string, offset: number, limit: number): Promise<Buffer | undefined>;
  /** The command that has ended and whose late output is being followed now. */
  followed(): number | undefined;
  /** Makes sure that the link, on which nobody may have waited, brings what there is. */
  hear(): Promise<void>;
}

/** Output of background jobs that comes after another epoch began: it stays on the host until somebody looks, and belongs to the job's command. */
export class LateOutput {
  readonly #deps: LateDeps;
  readonly #streams = new Map<number, LateStreams>();
  readonly #beside = new Map<number, HostCommand>();

  constructor(deps: LateDeps) {
    this.#deps = deps;
  }

  keep(streams: LateStreams | undefined): void {
    if (streams === undefined) return;
    this.#streams.set(streams.number, streams);
    keepNewest(this.#streams, rememberedEpochs);
  }

  /** A command beside the shell has ended and left jobs that hold its own spools. */
  keepBeside(command: HostCommand): void {
    this.#beside.set(command.number, command);
    keepNewest(this.#beside, rememberedBeside);
  }

  /** Fetches what the background jobs of command `number` have printed since the last look. Where that fails, the next look brings it. */
  async look(number: number): Promise<void> {
    if (this.#deps.followed() === number) await this.#deps.hear();
    const streams = this.#streams.get(number);
    const command = this.#beside.get(number);
    try {
      for (const [stream, reader] of streams?.readers ?? []) {
        const take = (bytes: Buffer): void => {
          reader.rewind();
          reader.feed(bytes);
        };
        await this.#read(`${letterOf(stream)}.${streams?.epoch}`, { offset: () => reader.offset, take });
      }
      for (const stream of command === undefined ? [] : (["stdout", "stderr"] as const)) {
        const offset = (): number => command?.[`${stream}Bytes`] ?? 0;
        const take = (bytes: Buffer): void => command?.output(stream, bytes);
        await this.#read(`B${letterOf(stream)}.${number}`, { offset, take });
      }
    } catch {
      // The host cannot be reached just now: what is known is shown all the same.
    }
  }

  async #read(file: string, place: LatePlace): Promise<void> {
    const until = place.offset() + mostBytes;
    while (place.offset() < until) {
      const from = place.offset();
      const bytes = await this.#deps.fetch(file, from, pieceBytes);
      if (bytes === undefined || bytes.length === 0) return;
      // Another look may have told some of it meanwhile.
      if (place.offset() !== from) continue;
      place.take(bytes);
      if (bytes.length < pieceBytes) return;
    }
  }
}

/** Where late bytes of one stream go. */
interface LatePlace {
  /** How much of the file has been taken. */
  offset(): number;
  take(bytes: Buffer): void;
}

/** Forgets the lowest number beyond `most`, not what was entered first: a server that comes back hears of the newest command before old ones. */
function keepNewest(byNumber: Map<number, unknown>, most: number): void {
  if (byNumber.size > most) byNumber.delete(Math.min(...byNumber.keys()));
}

function letterOf(stream: OutputStream): "O" | "E" {
  return stream === "stdout" ? "O" : "E";
}

import { plainText } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import type { Offsets } from "./first-line.ts";
import type { Redact } from "./gate.ts";
import { LineMatcher, type LinePattern } from "./line-matcher.ts";
import { readPieces } from "./output-range.ts";

/** Of a line that has not ended yet, so many of the last characters are looked at again with what comes. */
const openLineLength = 16_384;

/** Time for one look, which is at little text: whoever waits has time, and machines are busy. There may be any number of looks. */
const matchLimitMs = 10_000;

interface WatchedOutput {
  readonly streams: readonly OutputStream[];
  readonly from: Offsets;
  readonly redact: Redact;
}

/** Watches for a line that matches, in output that is still coming or on a screen. Whoever makes one closes it. */
export class TextWatch {
  readonly #matcher: LineMatcher;

  constructor(pattern: LinePattern) {
    this.#matcher = new LineMatcher(pattern, { callMs: Number.POSITIVE_INFINITY, messageMs: matchLimitMs });
  }

  /** Whether one of these lines matches. Rejects with `bad_input` when the expression takes too long. */
  async among(lines: readonly string[]): Promise<boolean> {
    return lines.length > 0 && (await this.#matcher.match(lines)).length > 0;
  }

  /** A function that looks at what has come since it was called last, from `from` on. It rejects as `among`, and as reading does. */
  output(command: CommandView, { streams, from, redact }: WatchedOutput): () => Promise<boolean> {
    const watched = streams.map((stream) => ({ stream, at: from[stream], open: "", decoder: new TextDecoder() }));
    return async () => {
      for (const one of watched) {
        const { stream } = one;
        const to = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
        for await (const piece of readPieces({ command, stream, from: one.at, to })) {
          one.at += piece.length;
          const lines = (one.open + one.decoder.decode(piece, { stream: true })).split("\n");
          one.open = (lines.at(-1) ?? "").slice(-openLineLength);
          if (await this.among(lines.map((line) => redact(plainText(line))))) return true;
        }
      }
      return false;
    };
  }

  async close(): Promise<void> {
    await this.#matcher.close();
  }
}

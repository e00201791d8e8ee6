import { HoldfastError } from "../../base/index.ts";
import type { CommandView, OutputStream } from "../../sessions/index.ts";
import type { TellNews, WatchRequest } from "./watch-api.ts";

/** Bytes fetched at once. */
const pieceBytes = 262_144;

/** Without news, we look again after this time. */
const lookAgainMs = 1_000;

/** A person who is further behind than this is shown the end of what there is: nobody reads a backlog as it rushes by. */
const mostBehindBytes = 1_048_576;
const shownOfBacklogBytes = 65_536;

const streams: readonly OutputStream[] = ["stdout", "stderr"];

interface OutputFollow {
  readonly tell: TellNews;
  readonly signal: AbortSignal;
  readonly tailBytes: number;
  readonly from: WatchRequest["from"];
  /** Somebody reads along: what is too much to read is left out. */
  readonly forEyes: boolean;
}

/** Tells both streams as they grow, until the command has ended and all is told, or `signal` aborts. Rejects as reading output does. */
export async function followOutput(command: CommandView, follow: OutputFollow): Promise<void> {
  const { signal, tailBytes, from } = follow;
  const at = {
    stdout: from?.stdout ?? Math.max(0, command.stdoutBytes - tailBytes),
    stderr: from?.stderr ?? Math.max(0, command.stderrBytes - tailBytes),
  };
  while (!signal.aborted) {
    // Asked before the sizes: what an ended command has printed is all there.
    const running = command.state.kind === "running";
    let news = false;
    for (const stream of streams) {
      const next = await piece(command, stream, at[stream], follow);
      news ||= next > at[stream];
      at[stream] = next;
    }
    if (!news && !running) return;
    if (!news) await command.changed(lookAgainMs, signal);
  }
}

/** Tells what comes next of one stream; resolves with where that ends. */
async function piece(
  command: CommandView,
  stream: OutputStream,
  from: number,
  { tell, forEyes }: OutputFollow,
): Promise<number> {
  const total = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  if (total <= from) return from;
  if (forEyes && total - from > mostBehindBytes) {
    const next = total - shownOfBacklogBytes;
    await tell({ kind: "skipped", bytes: next - from });
    return next;
  }
  try {
    const { bytes } = await command.read(stream, from, pieceBytes);
    if (bytes.length > 0) await tell({ kind: "output", stream, at: from, bytes });
    return from + bytes.length;
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== "output_gone") throw thrown;
    await tell({ kind: "skipped", bytes: total - from });
    return total;
  }
}

import type { Reply } from "../helpers/reply.ts";

/** One `ssh_read` call. */
export type ReadCall = (args: Record<string, unknown>) => Promise<Reply>;

/** Calls for one stream of the largest workload, with room for pieces that faults make small. */
const mostPieces = 60;

/** A reply that failed for a passing reason (`cancelled`: the daemon ended), or could not show the output in time: worth asking again. */
export function isPassing(reply: Reply): boolean {
  if (reply.isError) return /^(?:connection_lost|timed_out|dial_failed|cancelled)/.test(reply.text);
  return `${reply.stdout}${reply.stderr}`.startsWith("(output not shown: ");
}

/** All of one stream of a command that has ended, read in pieces by byte offset, as a `raw` reply shows it. Throws what a reply says is wrong. */
export async function readStream(read: ReadCall, command: string, stream: "stdout" | "stderr"): Promise<string> {
  let text = "";
  let from = 0;
  for (let piece = 0; piece < mostPieces; piece += 1) {
    const reply = await read({ command, stream, from, raw: true, wait_s: 20, max_output: 1_000_000 });
    // A server that has just taken over does not know the end yet.
    if (reply.state === "running") continue;
    if (reply.isError) throw new Error(`ssh_read: ${reply.text}`);
    const shown = reply[stream];
    const cut = /^\.\.\. [^\n]* left out · next: ssh_read \{[^\n]*?"from":(\d+)[^\n]*\} \.\.\.$/m.exec(shown);
    if (cut === null) return text + shown;
    text += shown.slice(0, cut.index);
    const next = Number(cut[1]);
    if (next <= from) throw new Error(`ssh_read does not get on at byte ${from}: ${reply.firstLine}`);
    from = next;
  }
  throw new Error(`${mostPieces} pieces are not all of ${stream}`);
}

import type { Answers } from "./answers.ts";

/** How long the host may take to look at the session's processes. */
const lookTimeoutMs = 3_000;

/** A process of the host that its user may not signal. */
export interface DistantProcess {
  readonly pid: number;
  /** When it began, in the host's own measure; "" where that is not known. */
  readonly began: string;
}

/**
 * The processes that the session's user may not signal: of a command, or of all (0); `which` is its number, and the background processes to leave
 * out. Those that the last signal has left behind, too. Empty when the host does not say.
 */
export async function outOfReach(
  answers: Answers,
  send: (line: string) => boolean,
  which: string,
): Promise<readonly DistantProcess[]> {
  const [number = "0"] = which.split(" ");
  const answer = await answers.ask(`beyond ${number}`, () => send(`B ${which}`), lookTimeoutMs);
  return (answer ?? "").split(",").flatMap((word) => {
    const [, pid, began = ""] = /^(\d{1,10})\.(\d{0,20})$/.exec(word) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), began }];
  });
}

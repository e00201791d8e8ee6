import { monotonicMs } from "../../base/index.ts";
import type { Answers } from "./answers.ts";
import { outOfReach, type DistantProcess } from "./out-of-reach.ts";
import { quitError } from "./shell-errors.ts";

/** How long the host may take to say that it ends the session, before it is asked again. */
const quitAnswerMs = 3000;

/** Links over which it is asked at most: one may be dead, and the next one die. */
const linksAtMost = 3;

export interface QuitDeps {
  readonly session: string;
  readonly answers: Answers;
  /** The link to the host that there is; another one after it was lost. */
  attach(): Promise<object>;
  send(line: string): boolean;
}

/**
 * Has the host end the session; resolves when it has said that it does, with what its user may not signal of it. To be watched: a link that dies is waited on for its whole time.
 * Rejects with `timed_out` when the host has not said so within `limitMs` on a link, or as attaching does.
 */
export async function quitSession(deps: QuitDeps, limitMs: number): Promise<readonly DistantProcess[]> {
  let asked: object | undefined;
  let deadline = 0;
  let distant: readonly DistantProcess[] = [];
  for (let links = 0; ;) {
    const link = await deps.attach();
    if (link !== asked && links < linksAtMost) {
      links += 1;
      asked = link;
      deadline = monotonicMs() + limitMs;
      const found = await outOfReach(deps.answers, (line) => deps.send(line), "0");
      if (found.length > 0) distant = found;
    }
    const answer = await deps.answers.ask("bye now", () => deps.send("q"), quitAnswerMs);
    if (answer !== undefined) return distant;
    if (monotonicMs() > deadline) throw quitError(deps.session);
  }
}

import { monotonicMs } from "../../base/index.ts";
import type { Answers } from "./answers.ts";
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
 * Has the host end the session; resolves when it has said that it does. To be watched: a link that dies is waited on for its whole time.
 * Rejects with `timed_out` when the host has not said so within `limitMs` on a link, or as attaching does.
 */
export async function quitSession(deps: QuitDeps, limitMs: number): Promise<void> {
  let asked: object | undefined;
  let deadline = 0;
  for (let links = 0; ;) {
    const link = await deps.attach();
    if (link !== asked && links < linksAtMost) {
      links += 1;
      asked = link;
      deadline = monotonicMs() + limitMs;
    }
    const answer = await deps.answers.ask("bye now", () => deps.send("q"), quitAnswerMs);
    if (answer !== undefined) return;
    if (monotonicMs() > deadline) throw quitError(deps.session);
  }
}

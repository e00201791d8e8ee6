import { monotonicMs } from "../../base/index.ts";
import type { Answers } from "./answers.ts";
import { quitError } from "./shell-errors.ts";

/** How long the host may take to say that it ends the session, before it is asked again. */
const quitAnswerMs = 3000;

export interface QuitDeps {
  readonly session: string;
  readonly answers: Answers;
  attach(): Promise<void>;
  send(line: string): boolean;
}

/** Has the host end the session; resolves when it has said that it does. Rejects with `timed_out` when it has not within `limitMs`. */
export async function quitSession(deps: QuitDeps, limitMs: number): Promise<void> {
  const deadline = monotonicMs() + limitMs;
  for (;;) {
    await deps.attach();
    const answer = await deps.answers.ask("bye now", () => deps.send("q"), quitAnswerMs);
    if (answer !== undefined) return;
    if (monotonicMs() > deadline) throw quitError(deps.session);
  }
}

import type { OpenQuestion } from "../approvals/index.ts";
import { Mutex } from "../base/index.ts";
import type { CallAsker } from "../tools/index.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";
import { questionText, typedWord } from "./typed-answer.ts";

/** Asks whoever made the call at this terminal, one question after the other; undefined where nobody sits at it. */
export function terminalAsker(services: CliServices): CallAsker | undefined {
  if (!services.interactive) return undefined;
  const terminal = new Mutex();
  return {
    canShow: () => true,
    show: (open, pass) => {
      terminal.run(() => ask(open, pass, services)).catch(() => pass());
    },
  };
}

async function ask(open: OpenQuestion, pass: () => void, services: CliServices): Promise<void> {
  if (open.over.aborted) return;
  const { shownQuestion } = await import("../daemon/index.ts");
  const shown = shownQuestion(open);
  await print(services.errors, questionText(shown));
  const signal = AbortSignal.any([open.over, services.interrupted]);
  const word = await typedWord(shown, { input: services.input, output: services.errors, signal });
  if (word === "left" || word === "over") pass();
  else if ("values" in word) open.answer(word.values);
  else open.refuse();
}

import type { Socket } from "node:net";
import type { ApprovalDesk } from "../approvals/index.ts";
import { LineAssembler } from "../base/index.ts";
import { readPersonWord, shownQuestion, writeWord, type PersonWord } from "./answer-lines.ts";

/** Eight values at their longest, with room for what JSON adds. */
const longestLineBytes = 262_144;

/** A wait is begun anew after this time; nothing hangs on it. */
const lookEveryMs = 60_000;

/** Shows the open questions to a person at a terminal, and takes the answers, until the connection ends or `ending` aborts. */
export async function serveAnswers(socket: Socket, desk: ApprovalDesk, ending: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort("the person has gone");
  socket.on("end", end).on("close", end);
  ending.addEventListener("abort", end, { once: true });
  if (ending.aborted) end();
  const lines = new LineAssembler(longestLineBytes);
  socket.on("data", (chunk: Buffer) => {
    for (const line of lines.add(chunk)) {
      const word = line.kind === "text" ? readPersonWord(line.text) : undefined;
      if (word === undefined) end();
      else socket.write(writeWord({ id: word.id, taken: take(desk, word) }));
    }
  });
  const leave = desk.visit();
  socket.resume();
  try {
    while (!over.signal.aborted) {
      socket.write(writeWord({ questions: desk.questions.map(shownQuestion) }));
      await desk.changed(lookEveryMs, over.signal);
    }
  } finally {
    leave();
    ending.removeEventListener("abort", end);
  }
}

function take(desk: ApprovalDesk, word: PersonWord): boolean {
  const open = desk.questions.find(({ id }) => id === word.id);
  if (open === undefined) return false;
  return "values" in word ? open.answer(word.values) : open.refuse();
}

import { afterAll, beforeAll, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
let session: SessionView;

beforeAll(async () => {
  const server = await startOpenSsh();
  cleanup.add(() => server.stop());
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  session = await place.book.open({ target: server.alias, name: "box" });
  cleanup.add(async () => {
    await place.book.close("box");
  });
});
afterAll(() => cleanup.run());

it.each([
  ["a program that reads", "cat", true],
  ["the shell's read", "read answer", true],
  ["a program deep in a script", "sh -c '(sh -c cat); true'", true],
  ["a program that sleeps", "sleep 60", false],
  ["a reader of another pipe", "sleep 60 | cat", false],
  ["a busy loop", "while :; do :; done", false],
])("says on evidence whether a command waits for input: %s", async (_what, command, expected) => {
  for (const background of [false, true]) {
    const started = await session.run({ command, background });
    const deadline = performance.now() + 5000;
    while (expected && !(await started.waitsForInput()) && performance.now() < deadline) await delay(50);
    if (!expected) await delay(300);
    expect(await started.waitsForInput(), background ? "beside the shell" : "in the shell").toBe(expected);
    await started.stop("KILL");
    await started.ended(10_000);
    expect(await started.waitsForInput()).toBe(false);
  }
});

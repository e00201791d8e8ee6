import { afterAll, describe, expect, test } from "vitest";
import { delay, monotonicMs } from "../../src/base/index.ts";
import { leftovers, sweepLeftovers } from "../helpers/leftovers.ts";
import { openBook } from "../helpers/open-book.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import {
  canMakeUsers,
  createLoginUser,
  type LoginShell,
  type LoginUser,
  type ServerOptions,
  type TestServer,
} from "../helpers/servers/index.ts";
import { playAll, type Played } from "./play-all.ts";
import { playsInFull } from "./plays-in-full.ts";
import { complaints, tortureTable } from "./torture-table.ts";
import type { SessionShell } from "./torture-case.ts";

/** What the session's commands are run by, for each login shell. */
const sessionShells: ReadonlyMap<LoginShell, SessionShell> = new Map([
  ["bash", "bash"],
  ["dash", "dash"],
  ["busybox", "ash"],
  ["zsh", "zsh"],
  ["fish", "bash"],
]);

/** All cases in one session; several times what a slow machine needs. */
const suiteLimitMs = playsInFull ? 1_800_000 : 600_000;

/** For processes that have been told to end. */
const goneLimitMs = 15_000;

async function untilNothingIsLeft(user: LoginUser): Promise<void> {
  let left = leftovers(user);
  const deadline = monotonicMs() + goneLimitMs;
  while (left.length > 0 && monotonicMs() < deadline) {
    await delay(100);
    left = leftovers(user);
  }
  expect(left.join("\n"), "left of the session").toBe("");
}

/** Plays all cases for each login shell on servers of one kind; one test each. `usual`: those that a run plays which is not in full. */
export function tortureSuite(
  kind: string,
  start: (options: ServerOptions) => Promise<TestServer>,
  usual: readonly LoginShell[] = [...sessionShells.keys()],
): void {
  describe.runIf(canMakeUsers)(`torture on ${kind}`, () => {
    const columns = new Map<string, readonly Played[]>();
    afterAll(() => {
      if (playsInFull) process.stdout.write(`\n${tortureTable(columns)}\n`);
    });
    test.each([...sessionShells].filter(([login]) => playsInFull || usual.includes(login)))(
      "login shell %s, commands run by %s",
      { timeout: suiteLimitMs, retry: 0 },
      async (login, shell) => {
        const cleanup = new Cleanup();
        try {
          const user = await createLoginUser({ shell: login });
          cleanup.add(() => {
            user.remove();
            sweepLeftovers(user);
          });
          const server = await start({ loginUser: user });
          cleanup.add(() => server.stop());
          const place = await openBook(server.sshConfigFile);
          cleanup.add(() => place.remove());
          const played = await playAll(place.book, server.alias, shell);
          columns.set(`${kind} ${login}`, played);
          expect(complaints(played), `${kind}, ${login}`).toBe("");
          for (const session of await place.book.list({})) {
            expect((await place.book.close(session.name)).left).toBeUndefined();
          }
          await untilNothingIsLeft(user);
        } finally {
          await cleanup.run();
        }
      },
    );
  });
}

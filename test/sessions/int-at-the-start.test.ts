import { afterEach, expect, test } from "vitest";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** INTs sent; `HOLDFAST_INTS=600` for many. One of about twenty used to hit the shell between its looking at a command and its starting it. */
const rounds = Number(process.env["HOLDFAST_INTS"] ?? 40);

test(
  "INT in the first moments of a command leaves nothing of it behind, and the session goes on",
  { timeout: 900_000, retry: 0 },
  async () => {
    const server = await startOpenSsh();
    cleanup.add(() => server.stop());
    const place = await openBook(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const session = await place.book.open({ target: server.alias, name: "box" });
    cleanup.add(() => place.book.close("box", true));
    for (let round = 0; round < rounds; round += 1) {
      const command = await session.run({ command: "sleep 60" });
      if (round % 3 > 0) await delay(round % 7);
      await command.stop("INT");
      await command.ended(25_000);
      expect({ round, state: command.state }).toEqual({ round, state: { kind: "signalled", signal: "INT" } });
    }
    const after = await session.run({ command: 'ps -o args= --ppid "$$" | grep "^sleep"' });
    await after.ended(25_000);
    expect(after.state).toMatchObject({ status: 1 });
  },
);

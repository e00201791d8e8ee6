import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { readAll } from "../torture/play-case.ts";

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

/** A session called box that nobody is attached to and all of whose processes were killed; the book knows it, and the directory is its on the host. */
async function killedSession(): Promise<{ readonly place: OpenBook; readonly directory: string }> {
  const server = await startOpenSsh();
  cleanup.add(() => server.stop());
  const before = await openBook(server.sshConfigFile);
  const session = await before.book.open({ target: server.alias, name: "box" });
  const command = await session.run({ command: "d=$(ls -l /proc/$$/fd/1); d=${d##* -> }; echo ${d%/*}" });
  await command.ended(30_000);
  const directory = (await readAll(command, "stdout")).toString().trim();
  expect(directory).toMatch(/\/\.holdfast-[0-9a-f]{16}$/);
  await before.remove();
  for (const file of ["up", "pid"]) killGroup(Number(readFileSync(`${directory}/${file}`, "utf8")));
  const place = await openBook(server.sshConfigFile, before.store);
  cleanup.add(async () => {
    await place.book.close("box", true).catch(() => undefined);
    await place.remove();
  });
  return { place, directory };
}

function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // Gone with the group before it.
    }
  }
}

test("a session whose processes were all killed is lost, and the hint names what does that to sessions", async () => {
  const { place, directory } = await killedSession();
  const session = await place.book.get("box");
  await expect(session.run({ command: "true" })).rejects.toMatchObject({
    code: "session_lost",
    message: expect.stringContaining("its processes on the host were killed"),
    hint: expect.stringContaining("loginctl enable-linger"),
  });
  expect(existsSync(directory)).toBe(false);
});

test("a session that went with its container says so", async () => {
  const { place, directory } = await killedSession();
  writeFileSync(`${directory}/born`, "1\n");
  const session = await place.book.get("box");
  await expect(session.run({ command: "true" })).rejects.toMatchObject({
    code: "session_lost",
    message: expect.stringContaining("the host's container was restarted"),
  });
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, waitUntil, type LoginShell } from "../helpers/servers/index.ts";

const rounds = 24;

/** A command that has not ended by then hangs. */
const endMs = 10_000;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function openOn(shell: LoginShell): Promise<SessionView> {
  const user = await createLoginUser({ shell });
  cleanup.add(() => {
    user.remove();
  });
  const server = await startOpenSsh({ loginUser: user });
  cleanup.add(() => server.stop());
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const session = await place.book.open({ target: server.alias, name: "box" });
  cleanup.add(async () => {
    await place.book.close("box");
  });
  return session;
}

async function printed(command: CommandView): Promise<string> {
  await command.ended(endMs);
  if (command.state.kind === "running") await command.stop("KILL");
  const { bytes } = await command.read("stdout", 0, 1000);
  return `${command.state.kind} ${Buffer.from(bytes).toString().trim()}`;
}

async function shellOf(session: SessionView): Promise<{ readonly pid: number; readonly directory: string }> {
  const [, pid, directory = ""] = (await printed(await session.run({ command: 'echo "$$ $_hf_D"' }))).split(" ");
  return { pid: Number(pid), directory };
}

/** What is typed behind a command's start, and what `wc -c` makes of it. */
const typings = ["", "12345", "x".repeat(9000)];

describe.runIf(canMakeUsers)("an end of input right behind a command's start", () => {
  it.each<LoginShell>(["bash", "dash", "busybox", "zsh"])(
    "reaches it behind all that was typed, however late %s begins it",
    { timeout: 120_000 },
    async (shell) => {
      const session = await openOn(shell);
      const { pid, directory } = await shellOf(session);
      const stdinFile = join(directory, "in");
      const wrong: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const typed = typings[round % typings.length] ?? "";
        const forced = round % 2 === 0;
        const before = await readFile(stdinFile, "utf8");
        if (forced) process.kill(pid, "SIGSTOP");
        const command = await session.run({ command: "cat | wc -c" });
        if (typed !== "") await command.input(typed);
        await command.eof();
        if (forced) {
          await waitUntil("another stdin", async () => (await readFile(stdinFile, "utf8")) !== before);
          process.kill(pid, "SIGCONT");
        }
        const got = await printed(command);
        if (got !== `exited ${typed.length}`) wrong.push(`round ${round}, ${typed.length} bytes: ${got}`);
        if (wrong.length > 2) break;
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each<LoginShell>(["bash", "busybox"])(
    "reaches it behind all that was typed when %s begins it later, beside the shell",
    { timeout: 120_000 },
    async (shell) => {
      const session = await openOn(shell);
      const { directory } = await shellOf(session);
      for (const typed of typings) {
        // The command waits for a second for the rest of what the shell says of itself, which does not come.
        await writeFile(join(directory, "snap"), ":\n");
        const command = await session.run({ command: "cat | wc -c", background: true });
        if (typed !== "") await command.input(typed);
        await command.eof();
        expect(await printed(command)).toBe(`exited ${typed.length}`);
      }
    },
  );
});

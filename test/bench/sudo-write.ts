import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Contender } from "./contenders.ts";
import { runRace } from "./race.ts";
import { openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** What one call may carry, as text in base64, and what was promised of it. */
const contentBytes = 2_000_000;
const promisedMs = 1_000;

/** Each takes long beside what else is timed. */
const shareOfRounds = 10;

/** What writing a file of root's costs, with all that is checked and kept, beside the same as the login's user. Needs root, which makes the user. */
export const sudoWrite: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const { loginUser } = host;
  if (loginUser === undefined) {
    process.stdout.write("\nsudo-write: skipped, only root can make a user who may use it\n");
    return true;
  }
  const rules = `/etc/sudoers.d/${loginUser.name}`;
  writeFileSync(rules, `${loginUser.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
  cleanup.add(() => {
    rmSync(rules, { force: true });
  });
  const server = await startServer(cleanup, await placeFor(cleanup, host), true);
  await openSession(server, host, "shared");
  const writing = (name: string, sudo: boolean): Contender => {
    const path = join(loginUser.home, sudo ? "of-root" : "own");
    return {
      name,
      once: async () => {
        const content = randomBytes(contentBytes);
        const args = { on: "shared", path, content: content.toString("base64"), encoding: "base64", sudo };
        const { text } = await server.call("ssh_file_write", args);
        if (!text.startsWith("written · 2,000,000 bytes") || !readFileSync(path).equals(content)) throw new Error(text);
      },
    };
  };
  const own = writing("ssh_file_write of 2 MB, own file", false);
  const race = { title: "sudo-write: 2 MB on loopback, daemon", unit: own, rounds: Math.ceil(rounds / shareOfRounds) };
  return runRace({ ...race, warmUpRounds: 2 }, [
    {
      contender: writing("ssh_file_write of 2 MB, sudo", true),
      goal: (medianMs) => ({ text: `< ${promisedMs} ms`, holds: medianMs < promisedMs }),
    },
    { contender: own },
  ]);
};

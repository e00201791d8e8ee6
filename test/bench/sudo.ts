import { rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { SmallCommand } from "./contenders.ts";
import { openControlMaster, overMcp } from "./contenders.ts";
import { runRace } from "./race.ts";
import { openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";

/** Promised of `sudo true` with a ticket: at most so many times what it takes over `ssh -S`. */
const promisedTimes = 1.2;

/** Needs a terminal nowhere, and asks for nothing while there is a ticket: one of type `global` serves both ways. */
const sudoTrue: SmallCommand = { command: "sudo true", stdout: "" };

/** What sudo costs when it asks nothing, beside the same over a shared OpenSSH connection. Needs root, which makes the user. */
export const sudo: Section = async (cleanup, { rounds }) => {
  const host = await startHost(cleanup);
  const { loginUser } = host;
  if (loginUser === undefined) {
    process.stdout.write("\nsudo: skipped, only root can make a user who may use it\n");
    return true;
  }
  const rules = `/etc/sudoers.d/${loginUser.name}`;
  const lines = [
    `Defaults:${loginUser.name} timestamp_type=global, timestamp_timeout=600`,
    `${loginUser.name} ALL=(ALL:ALL) ALL`,
  ];
  writeFileSync(rules, `${lines.join("\n")}\n`, { mode: 0o440 });
  cleanup.add(() => {
    rmSync(rules, { force: true });
  });
  const place = await placeFor(cleanup, host);
  const server = await startServer(cleanup, place, true);
  await openSession(server, host, "shared");
  // The ticket: what is on stdin goes to sudo alone.
  const ticket = await server.run("shared", "sudo -S -p '' -v", { stdin: `${loginUser.password}\n` });
  if (ticket.state !== "exit 0") throw new Error(`no ticket: ${ticket.text}`);
  const master = await openControlMaster(host, host.directory);
  cleanup.add(() => master.close());
  const over = master.run(sudoTrue);
  const ours = overMcp("daemon", server, "shared", sudoTrue);
  return runRace({ title: "sudo: with a ticket, on loopback", unit: over, rounds }, [
    {
      contender: ours,
      goal: (medianMs, medianOf) => ({
        text: `≤ ${promisedTimes} × ssh -S`,
        holds: medianMs <= promisedTimes * medianOf(over),
      }),
    },
    { contender: over },
  ]);
};

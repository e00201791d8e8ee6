import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import type { Cleanup } from "../helpers/cleanup.ts";
import { stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { Contender } from "./contenders.ts";
import { runRace, type Entry } from "./race.ts";
import type { Section } from "./section.ts";

/** Promised of a start, as multiples of bare Node's: with a daemon that runs, and with one that has to be started too. */
const promisedTimes = { warm: 1.5, cold: 4 };

/** A start costs a process: fewer rounds tell as much. */
const shareOfRounds = 0.125;

const initialize = `${JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
})}\n`;

/** What a client says right behind: its answer comes from the server itself, whichever way `initialize` was answered. */
const listTools = [
  { jsonrpc: "2.0", method: "notifications/initialized" },
  { jsonrpc: "2.0", id: 2, method: "tools/list" },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join("");

/** The floor: a Node that does nothing, from its start to its end. */
const bareNode: Contender = {
  name: "node -e 0",
  once: async () => {
    await once(spawn(process.execPath, ["-e", "0"], { env: getDefaultEnvironment(), stdio: "ignore" }), "exit");
  },
};

/** What any program in Node can do at best: answer with one byte. */
const oneByte: Contender = {
  name: "node -e, its first byte of output",
  once: async () => {
    const child = spawn(process.execPath, ["-e", "process.stdout.write('x')"], {
      env: getDefaultEnvironment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(child.stdout, "data");
  },
};

/** A process keeps its compiled code three seconds after its start. */
const keptLimitMs = 60_000;

/** `cold`: with a daemon that has to be started; `first`: with one that no earlier one has left compiled code for; `alone`: with none. */
type Kind = "warm" | "cold" | "first" | "alone";

/** From starting `holdfast` to the answer to `initialize`, or to `tools/list` behind it. */
function startOf(kind: Kind, place: PrivatePlace, listed = false): Contender {
  const names = {
    warm: "start, daemon runs",
    cold: "start, daemon started too",
    first: "start, daemon started for the first time",
    alone: "start, --no-daemon",
  };
  const args = kind === "alone" ? ["--no-daemon"] : [];
  let child: ChildProcess | undefined;
  return {
    name: listed ? `${names[kind]}, until the tools are listed` : names[kind],
    prepare: async () => {
      if (kind === "first") for (const file of await compiledCode(place)) await rm(file);
    },
    once: async () => {
      const started = spawn(process.execPath, [builtServer, ...args], {
        env: { ...getDefaultEnvironment(), ...place.env },
        stdio: ["pipe", "pipe", "inherit"],
      });
      child = started;
      started.stdin.write(listed ? initialize + listTools : initialize);
      const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
      for (let answers = listed ? 2 : 1; answers > 0; answers -= 1) await lines.next();
    },
    tidy: async () => {
      child?.stdin?.end();
      if (child !== undefined && child.exitCode === null) await once(child, "exit");
      if (kind === "cold" || kind === "first") await stopDaemon(place);
    },
  };
}

async function compiledCode(place: PrivatePlace): Promise<readonly string[]> {
  const directory = join(place.root, "state");
  const names = existsSync(directory) ? await readdir(directory) : [];
  return names.filter((name) => name.endsWith(".code")).map((name) => join(directory, name));
}

/** A place, and in it the compiled code that a daemon has left. */
async function usedPlace(cleanup: Cleanup): Promise<PrivatePlace> {
  const place = await createPrivatePlace("/dev/null");
  cleanup.add(() => place.remove());
  cleanup.add(() => stopDaemon(place));
  const client = await Holdfast.start(place, { daemon: true });
  await eventually("the daemon's code is kept", keptLimitMs, async () => (await compiledCode(place))[0]);
  await client.stop();
  await stopDaemon(place);
  return place;
}

/** From the start of `holdfast` to the answer to `initialize`. */
export const start: Section = async (cleanup, { rounds }) => {
  const place = await usedPlace(cleanup);
  const coldPlace = await usedPlace(cleanup);
  const firstPlace = await usedPlace(cleanup);
  const quick = (kind: "warm" | "cold", where: PrivatePlace): Entry => ({
    contender: startOf(kind, where),
    goal: (medianMs, medianOf) => ({
      text: `≤ ${promisedTimes[kind]} × node -e 0`,
      holds: medianMs <= promisedTimes[kind] * medianOf(bareNode),
    }),
  });
  return runRace(
    {
      title: "start: from the start of holdfast to the answer to initialize",
      unit: bareNode,
      rounds: Math.ceil(rounds * shareOfRounds),
    },
    [
      { contender: bareNode },
      quick("warm", place),
      quick("cold", coldPlace),
      { contender: startOf("first", firstPlace) },
      { contender: startOf("alone", place) },
      { contender: startOf("warm", place, true) },
      { contender: startOf("cold", coldPlace, true) },
      { contender: oneByte },
    ],
  );
};

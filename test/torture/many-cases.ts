import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { messageOf } from "../../src/base/index.ts";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { playsInFull } from "./plays-in-full.ts";
import { playStep, readAll } from "./play-case.ts";
import type { TortureCase } from "./torture-case.ts";

/** As many as a session runs at a time. */
const atOnce = playsInFull ? 64 : 12;

/** Commands one after the other. */
const inARow = playsInFull ? 10_000 : 250;

/** Host and server are looked at after so many: twice at least, and often enough to see a growth as one. */
const lookEvery = inARow / 5;

/** Lines that end without a word of the shell's, in streams of their own: each takes two of the 300 places that a spooler has at first. */
const abortedLines = playsInFull ? 160 : 10;

/** For one command of many, or for all that run at once to begin, on a slow machine. */
const oneLimitMs = 60_000;

/** Output of commands beside the shell is kept for 64: three files each. Sixteen epochs have two files each; the rest of a session is below 40. */
const mostFiles = 64 * 3 + 16 * 2 + 40;

/** Files of a session but the spools, and what tells the end of a command beside the shell. */
const mostOtherFiles = 40;

/** A session has nine, its attachment four and the connection two; a command that has just ended may still have some, and looking takes a few. */
const mostProcesses = 24;

/** What 10,000 remembered commands may cost. */
const mostHeapGrowthBytes = 16 * 1024 * 1024;

/** The log of commands has at most 12,000 lines of at most 230 bytes, the spools of these small commands are below 1 MiB each. */
const mostGrowthKilobytes = 8_000;

/** What a session has on its host, and what it costs here. */
interface Look {
  readonly processes: number;
  readonly files: number;
  readonly otherFiles: number;
  readonly kilobytes: number;
  readonly heapBytes: number;
}

/** The FIFO that a command's stdout is lies in the session's directory. Processes that are over and only wait to be counted are none. */
const looking = `d=$(ls -l /proc/$$/fd/1); d=\${d##* -> }; d=\${d%/*}
for p in /proc/[0-9]*; do [ -O "$p" ] && [ -n "$(tr -d '\\000' 2>/dev/null <"$p/cmdline")" ] && echo "$p"; done 2>/dev/null | wc -l
ls -A "$d" | wc -l
ls -A "$d" | grep -vc '^[BOEbx]*[.]'
du -sk "$d" | cut -f 1
unset d p`;

function collectedHeapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") Reflect.apply(collect, undefined, []);
  return getHeapStatistics().used_heap_size;
}

async function look(session: SessionView): Promise<Look> {
  const { stdout } = await playStep(session, { run: looking }, oneLimitMs);
  const [processes = 0, files = 0, otherFiles = 0, kilobytes = 0] = stdout.toString().split("\n").map(Number);
  return { processes, files, otherFiles, kilobytes, heapBytes: collectedHeapBytes() };
}

/** Mostly plain commands; now and then one with stdin, one beside the shell, one that leaves a job which holds its streams for a while. */
async function runOne(session: SessionView, number: number): Promise<string | undefined> {
  const background = number % 50 === 7;
  const stdin = number % 10 === 3 ? `in ${String(number)}\n` : undefined;
  const job = number % 500 === 11 ? "sleep 0.3 & " : "";
  const status = number % 7;
  const run = `${job}${stdin === undefined ? "" : "cat; "}echo out ${String(number)}; echo err ${String(number)} >&2; (exit ${String(status)})`;
  const outcome = await playStep(
    session,
    { run, with: { background, ...(stdin === undefined ? {} : { stdin }) } },
    oneLimitMs,
  );
  const wanted = { status, stdout: `${stdin ?? ""}out ${String(number)}\n`, stderr: `err ${String(number)}\n` };
  const got = { status: outcome.status, stdout: outcome.stdout.toString(), stderr: outcome.stderr.toString() };
  if (JSON.stringify(got) === JSON.stringify(wanted)) return undefined;
  return `command ${String(number)}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;
}

function tooMuch(first: Look, last: Look): string | undefined {
  const complaints = [
    last.processes > mostProcesses ? "processes" : undefined,
    last.files > mostFiles || last.otherFiles > mostOtherFiles ? "files" : undefined,
    last.kilobytes - first.kilobytes > mostGrowthKilobytes ? "kilobytes on the host" : undefined,
    last.heapBytes - first.heapBytes > mostHeapGrowthBytes ? "memory here" : undefined,
  ].filter((what) => what !== undefined);
  return complaints.length === 0 ? undefined : `too much after many commands: ${complaints.join(", ")}`;
}

async function manyInARow(session: SessionView): Promise<string | undefined> {
  const looks: Look[] = [];
  for (let number = 1; number <= inARow; number += 1) {
    const wrong = await runOne(session, number);
    if (wrong !== undefined) return wrong;
    if (number % lookEvery === 0) looks.push(await look(session));
  }
  if (playsInFull) process.stdout.write(`${looks.map((one) => JSON.stringify(one)).join("\n")}\n`);
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return "nothing was looked at";
  const complaint = tooMuch(first, last);
  return complaint === undefined ? undefined : `${complaint}: ${JSON.stringify(looks)}`;
}

/** What command `number` of many at once has printed and how it ended, if that is wrong. */
async function wrongOneOfMany(command: CommandView, number: number): Promise<string | undefined> {
  await command.ended(oneLimitMs);
  const got = {
    state: command.state,
    stdout: (await readAll(command, "stdout")).toString(),
    stderr: (await readAll(command, "stderr")).toString(),
  };
  const text = `go ${String(number)}\n`;
  const wanted = { state: { kind: "exited", status: number % 7 }, stdout: text, stderr: text };
  if (JSON.stringify(got) === JSON.stringify(wanted)) return undefined;
  return `${command.id}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;
}

/** All wait for their input before the first of them gets it, so all run at the same time. */
async function manyAtOnce(session: SessionView): Promise<string | undefined> {
  const commands: CommandView[] = [];
  for (let number = 0; number < atOnce; number += 1) {
    const command = `read -r x; echo "$x"; echo "$x" >&2; exit ${String(number % 7)}`;
    commands.push(await session.run({ command, background: true }));
  }
  const early = commands.find((command) => command.state.kind !== "running");
  if (early !== undefined) return `${early.id} has ended before it got its input: ${JSON.stringify(early.state)}`;
  if (playsInFull) {
    const refused = await session.run({ command: "echo one more" }).then(() => "", messageOf);
    if (!refused.includes("64 commands run")) return `one more than 64 was not refused: ${refused}`;
  }
  for (const [number, command] of commands.entries()) await command.input(`go ${String(number)}\n`);
  for (const [number, command] of commands.entries()) {
    const wrong = await wrongOneOfMany(command, number);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/**
 * Each is ended from outside, all in the same spool: a new one, because a job holds that of the first command. The second takes one place, so
 * the spooler comes to the end of its places in the middle of a line.
 */
async function manyAborted(session: SessionView): Promise<string | undefined> {
  for (const run of ["sleep 1 & echo held", "echo one place"]) await playStep(session, { run }, oneLimitMs);
  for (let number = 0; number < abortedLines; number += 1) {
    const run = `echo before ${String(number)}; kill -INT $$; echo behind`;
    const { command, status, stdout } = await playStep(session, { run }, oneLimitMs);
    const printed = stdout.toString();
    const whole = printed.startsWith(`before ${String(number)}\n`) && command.notes.length === 0;
    if (status === undefined || status === 0 || !whole) {
      return `line ${String(number)} ended with ${String(status)}, and ${printed}${command.notes.join(", ")}`;
    }
  }
  const { stdout } = await playStep(session, { run: "echo after" }, oneLimitMs);
  return stdout.toString() === "after\n"
    ? undefined
    : `${stdout.toString()} after ${String(abortedLines)} aborted lines`;
}

/** Many commands at once, and many more one after the other: nothing is mixed, and nothing grows here or on the host. */
export const manyCases: readonly TortureCase[] = [
  { name: "many commands at once", steps: [], limitMs: 240_000, play: manyAtOnce },
  { name: "many commands in a row", steps: [], limitMs: playsInFull ? 900_000 : 240_000, play: manyInARow },
  { name: "many aborted lines in a row", steps: [], limitMs: 240_000, play: manyAborted },
];

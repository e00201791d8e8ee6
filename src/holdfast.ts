import { join } from "node:path";
import { afterEvents, messageOf } from "./base/index.ts";
import { stateDirectory } from "./config/index.ts";
import { serveAsDaemon } from "./daemon/index.ts";
import type * as Main from "./main.ts";
import {
  daemonPlace,
  daemonWanted,
  FirstAnswer,
  forgetLeanMemory,
  reachDaemon,
  relay,
  runProgram,
  takeConfigOption,
  type DaemonConnection,
} from "./shim/index.ts";

/** Everything but the relay and the daemon's socket: beside this file, and loaded only when it is needed. */
const mainFile = join(__dirname, "holdfast-main.cjs");

/** Beside this file, too. */
const answersFile = join(__dirname, "holdfast-opening.json");

/** Aborts when the process is asked to end: what runs on hosts goes on, so there is nothing to wait for. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => controller.abort(name));
  return controller.signal;
}

/** A client starts `holdfast` without a word and without a terminal. */
function startedByClient(): boolean {
  return process.argv.length === 2 && daemonWanted() && !(process.stdin.isTTY && process.stdout.isTTY);
}

/** As the relay starts it. */
function startedAsDaemon(): boolean {
  return process.argv.length === 3 && process.argv[2] === "daemon";
}

function loadMain(): typeof Main {
  const program = runProgram(mainFile, stateDirectory());
  if (!isMain(program)) throw new TypeError(`${mainFile} is of another version`);
  return program;
}

function isMain(program: unknown): program is typeof Main {
  return typeof program === "object" && program !== null && "openDaemonFace" in program && "runCommandLine" in program;
}

async function connected(reach: () => Promise<DaemonConnection>): Promise<DaemonConnection | undefined> {
  try {
    return await reach();
  } catch (thrown) {
    process.stderr.write(`holdfast: ${messageOf(thrown)}; this process serves without it\n`);
    return undefined;
  }
}

/** The settings file of the command line goes to everything that follows, the daemon too, as a variable. */
function takeConfig(): boolean {
  try {
    const { words, file } = takeConfigOption(process.argv.slice(2));
    process.argv.splice(2, process.argv.length, ...words);
    if (file !== undefined) process.env["HOLDFAST_CONFIG"] = file;
    return true;
  } catch (thrown) {
    process.stderr.write(`holdfast: ${messageOf(thrown)}\n`);
    process.exitCode = 2;
    return false;
  }
}

/** Resolves when what has come in was read: starting a daemon holds everything up for milliseconds. */
async function readyEvents(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => afterEvents(resolve));
}

async function main(): Promise<void> {
  if (!takeConfig()) return;
  if (startedAsDaemon()) {
    forgetLeanMemory();
    process.exit(await serveAsDaemon({ face: async () => loadMain().openDaemonFace(), signal: interruption() }));
  }
  if (startedByClient()) {
    const place = daemonPlace();
    const reach = (): Promise<DaemonConnection> => reachDaemon(place, __filename);
    const ends = { input: process.stdin, output: process.stdout };
    const signal = interruption();
    const endAtOnce = (): never => process.exit(0);
    signal.addEventListener("abort", endAtOnce);
    const answer = new FirstAnswer({ ...ends, answersFile });
    await readyEvents();
    const first = await connected(reach);
    const answered = answer.stop();
    signal.removeEventListener("abort", endAtOnce);
    if (first !== undefined) {
      await relay({ ...ends, answered, first, reach, signal });
      process.exit(0);
    }
    await loadMain().runCommandLine(answered);
    return;
  }
  await loadMain().runCommandLine();
}

void main();

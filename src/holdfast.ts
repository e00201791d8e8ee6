import { join } from "node:path";
import { messageOf } from "./base/index.ts";
import { stateDirectory } from "./config/index.ts";
import {
  daemonPlace,
  daemonWanted,
  reachDaemon,
  relay,
  runProgram,
  takeConfigOption,
  type DaemonConnection,
} from "./shim/index.ts";

/** Everything but the relay: beside this file, and loaded only when it is needed. */
const mainFile = join(__dirname, "holdfast-main.cjs");

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

async function main(): Promise<void> {
  if (!takeConfig()) return;
  if (startedByClient()) {
    const place = daemonPlace();
    const reach = (): Promise<DaemonConnection> => reachDaemon(place, __filename);
    const first = await connected(reach);
    if (first !== undefined) {
      await relay({ input: process.stdin, output: process.stdout, first, reach, signal: interruption() });
      process.exit(0);
    }
  }
  runProgram(mainFile, stateDirectory());
}

void main();

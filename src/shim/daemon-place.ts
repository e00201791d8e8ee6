import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fingerprint } from "../base/index.ts";
import {
  configDirectory,
  ensurePrivateDirectory,
  serverVariableNames,
  stateDirectory,
  type Environment,
} from "../config/index.ts";

/** A socket's path must fit into 104 bytes on the BSDs and 108 on Linux, with its end. */
const longestSocketPath = 100;

/** Variables that hold a path: a daemon has another working directory, so they are made absolute for it. */
const pathVariables = [
  "HOLDFAST_STATE_DIR",
  "HOLDFAST_CONFIG_DIR",
  "HOLDFAST_CONFIG",
  "HOLDFAST_RUNTIME_DIR",
  "HOLDFAST_SSH_CONFIG",
];

/** Variables of ours that decide about the daemon, but not about what it does. */
const notSettings = new Set(["HOLDFAST_NO_DAEMON", "HOLDFAST_DAEMON_IDLE_S", "HOLDFAST_RUNTIME_DIR"]);

/** Where one daemon is found: other settings, other daemon. */
export interface DaemonPlace {
  readonly directory: string;
  readonly socketPath: string;
  /** Fingerprint of the environment that decides what the daemon does. */
  readonly settings: string;
  readonly stateDirectory: string;
  readonly logFile: string;
}

/** The place of the daemon for this environment. */
export function daemonPlace(env: Environment = process.env): DaemonPlace {
  const absolute = daemonEnvironment(env);
  const settings = settingsOf(absolute);
  const name = `d-${settings.slice(0, 16)}.sock`;
  const state = stateDirectory(absolute);
  const directory = directoriesOf(absolute).find(
    (one) => Buffer.byteLength(join(one, name)) + pidRoom <= longestSocketPath,
  );
  const chosen = directory ?? shortDirectory();
  return {
    directory: chosen,
    socketPath: join(chosen, name),
    settings,
    stateDirectory: state,
    logFile: join(state, "daemon.log"),
  };
}

/** A daemon binds a name with its process id first: ".", up to 10 digits. */
const pidRoom = 11;

/** Candidates, best first. */
function directoriesOf(env: Environment): readonly string[] {
  const own = env["HOLDFAST_RUNTIME_DIR"];
  if (own !== undefined && own !== "") return [resolve(own)];
  const runtime = env["XDG_RUNTIME_DIR"];
  const state = join(stateDirectory(env), "run");
  return runtime?.startsWith("/") === true ? [join(runtime, "holdfast"), state] : [state];
}

/** For when the others are too long. The name can be guessed, so somebody else may own it: then it is refused, and there is no daemon. */
function shortDirectory(): string {
  return `/tmp/holdfast-${process.getuid?.() ?? "user"}`;
}

/** Makes the directory if it is not there; rejects with `config_invalid` when others have a hand in it. */
export async function ensureDaemonDirectory(place: DaemonPlace): Promise<void> {
  await ensurePrivateDirectory(place.directory);
  if ((lstatSync(place.directory).mode & 0o077) !== 0) chmodSync(place.directory, 0o700);
}

/** The places in the same directory where daemons of any settings are, or were; the given one first. Rejects as `ensureDaemonDirectory` does. */
export async function placesBeside(place: DaemonPlace): Promise<readonly DaemonPlace[]> {
  await ensureDaemonDirectory(place);
  const names = readdirSync(place.directory).filter((name) => /^d-[0-9a-f]{16}\.sock$/.test(name));
  const paths = new Set([place.socketPath, ...names.map((name) => join(place.directory, name))]);
  return [...paths].map((socketPath) => ({ ...place, socketPath }));
}

/** The environment as it means the same from any working directory. */
export function daemonEnvironment(env: Environment): Environment {
  const absolute = { ...env };
  for (const name of pathVariables) {
    const value = absolute[name];
    if (value !== undefined && value !== "") absolute[name] = resolve(value);
  }
  return absolute;
}

function settingsOf(env: Environment): string {
  const ours = Object.entries(env).filter(([name]) => /^(?:HOLDFAST|OVRD)_/.test(name) && !notSettings.has(name));
  const others = ["SSH_AUTH_SOCK", "HOME", ...serverVariableNames].map((name) => [name, env[name] ?? ""]);
  const places = [stateDirectory(env), configDirectory(env)];
  return fingerprint(
    JSON.stringify([...ours.map(([name, value]) => `${name}=${value ?? ""}`).toSorted(), ...others, places]),
  );
}

/** Whether the environment lets a daemon be used. */
export function daemonWanted(env: Environment = process.env): boolean {
  const refused = env["HOLDFAST_NO_DAEMON"];
  return process.platform !== "win32" && (refused === undefined || refused === "" || refused === "0");
}

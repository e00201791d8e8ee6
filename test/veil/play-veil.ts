import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { auditedAddress } from "../helpers/veil-audit.ts";
import { onExit } from "../helpers/servers/on-exit.ts";
import { makeTempDir } from "../helpers/servers/temp-dir.ts";

/** What an audit has found. */
export interface VeilReport {
  /** Whether all tests passed. */
  readonly passed: boolean;
  /** What vitest printed. */
  readonly output: string;
  /** How many streams were listened to, and how many bytes came. */
  readonly streams: number;
  readonly bytes: number;
  /** Each stream with something real in it, and what stands around its first place. */
  readonly leaks: readonly { readonly stream: string; readonly around: string }[];
}

/** The name under which suites log in: with the rights of the current user, and nobody else's. */
const auditedUser = "hfveiledperson";

/** Names of users that suites make. */
const madeUser = /(?<![A-Za-z0-9])hf[0-9a-f]{8}(?![A-Za-z0-9])/;

/** Of what is printed around a leak. */
const shownCharacters = 160;

/** Another name for root, who runs the tests: it may do what the suites need. `*` is no password, but locks nothing. */
function addAuditedUser(): () => void {
  const run = (command: string, args: readonly string[]): number | null =>
    spawnSync(command, args, { stdio: "ignore" }).status;
  run("userdel", ["-f", auditedUser]);
  const status = run("useradd", [
    "-M",
    "-N",
    "-o",
    "-u",
    "0",
    "-g",
    "0",
    "-d",
    "/root",
    "-s",
    "/bin/bash",
    "-p",
    "*",
    auditedUser,
  ]);
  if (status !== 0) throw new Error(`useradd ended with ${status}`);
  return onExit(() => void run("userdel", ["-f", auditedUser]));
}

function leakIn(text: string): string | undefined {
  const places = [text.indexOf(auditedAddress), text.indexOf(auditedUser), text.search(madeUser)].filter(
    (at) => at >= 0,
  );
  if (places.length === 0) return undefined;
  const at = Math.min(...places);
  return text.slice(Math.max(0, at - shownCharacters), at + shownCharacters);
}

/** Plays suites with `hide_addresses`, an address and a user that nothing else has, and looks for both in every byte that clients got and daemons logged. `hide: false` shows that they are found. Root only. */
export async function playVeil(suites: readonly string[], { hide }: { readonly hide: boolean }): Promise<VeilReport> {
  const directory = makeTempDir();
  const removeUser = addAuditedUser();
  try {
    const env = {
      ...process.env,
      HOLDFAST_VEIL_AUDIT: directory.path,
      HOLDFAST_VEIL_USER: auditedUser,
      HOLDFAST_VEIL_HIDE: hide ? "1" : "0",
    };
    const child = spawn("npx", ["vitest", "run", ...suites], { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const listen = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    await once(child, "close");
    const streams = readdirSync(directory.path).map((name) => ({
      name,
      text: readFileSync(join(directory.path, name), "latin1"),
    }));
    return {
      passed: child.exitCode === 0,
      output,
      streams: streams.length,
      bytes: streams.reduce((sum, { text }) => sum + text.length, 0),
      leaks: streams.flatMap(({ name, text }) => {
        const around = leakIn(text);
        return around === undefined ? [] : [{ stream: name, around }];
      }),
    };
  } finally {
    removeUser();
    directory.remove();
  }
}

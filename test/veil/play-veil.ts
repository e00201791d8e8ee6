import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

/** The name under which suites log in: with the rights of root, who runs the tests, and nobody else's. It tells the process that made it. */
const auditedUser = `hfveil${process.pid}`;

/** Names of users that suites make. */
const madeUser = /(?<![A-Za-z0-9])hf[0-9a-f]{8}(?![A-Za-z0-9])/;

/** Of what is printed around a leak. */
const shownCharacters = 160;

/** useradd and userdel fail while another one holds the lock of the user database; so often they are tried. */
const mostTries = 100;

function runPatiently(command: string, args: readonly string[], isDone: () => boolean): void {
  for (let tries = 0; tries < mostTries && !isDone(); tries += 1) {
    if (tries > 0) spawnSync("sleep", ["0.2"]);
    spawnSync(command, args, { stdio: "ignore" });
  }
  if (!isDone()) throw new Error(`${command} ${args.join(" ")} did nothing`);
}

/** Another name for root, who runs the tests: it may do what the suites need. `*` is no password, but locks nothing. */
function addAuditedUser(): () => void {
  const isThere = (name: string): boolean => readFileSync("/etc/passwd", "utf8").includes(`\n${name}:`);
  const remove = (name: string): void => runPatiently("userdel", ["-f", name], () => !isThere(name));
  for (const [name, owner] of readFileSync("/etc/passwd", "utf8").matchAll(/^hfveil(\d+)(?=:)/gm)) {
    // An audit that was killed has left it.
    if (!existsSync(`/proc/${owner}`) || name === auditedUser) remove(name);
  }
  const account = ["-M", "-N", "-o", "-u", "0", "-g", "0", "-d", "/root", "-s", "/bin/bash", "-p", "*", auditedUser];
  runPatiently("useradd", account, () => isThere(auditedUser));
  return onExit(() => remove(auditedUser));
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

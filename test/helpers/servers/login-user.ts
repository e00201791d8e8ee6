import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { delay, monotonicMs, randomHex } from "../../../src/base/index.ts";
import { onExit } from "./on-exit.ts";
import { processesOf, signalQuietly } from "./processes.ts";
import { makeTempDir } from "./temp-dir.ts";

/** `busybox` stands for busybox's ash. */
export type LoginShell = "bash" | "dash" | "zsh" | "fish" | "busybox" | "sh";

export interface LoginUserOptions {
  readonly shell?: LoginShell;
  /** A login shell by path instead (it must exist). */
  readonly shellPath?: string;
}

export interface LoginUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly password: string;
  readonly shellPath: string;
  /** Adds a line to ~/.ssh/authorized_keys. */
  authorize(publicKeyLine: string): void;
  /** Ends the user's processes, removes the user and the home. Safe to call twice. */
  remove(): void;
}

/** Users can be made (and dropbear be started) only by root. */
export const canMakeUsers = process.getuid?.() === 0;

/** useradd and userdel fail while another one holds the lock of the user database. */
const databaseLockLimitMs = 30_000;

function run(command: string, args: readonly string[], input = ""): { readonly ok: boolean; readonly text: string } {
  const result = spawnSync(command, args, { input, encoding: "utf8" });
  return { ok: result.status === 0, text: `${result.stdout}${result.stderr}${result.error?.message ?? ""}`.trim() };
}

async function runPatiently(command: string, args: readonly string[], input = ""): Promise<void> {
  const deadline = monotonicMs() + databaseLockLimitMs;
  for (;;) {
    const result = run(command, args, input);
    if (result.ok) return;
    if (monotonicMs() > deadline || !/lock|busy|again/i.test(result.text)) {
      throw new Error(`${command} ${args.join(" ")}: ${result.text}`);
    }
    await delay(100);
  }
}

/** /etc/shells is edited under a lock on /etc, because other test processes do the same. dropbear refuses shells that are not in it. */
function editShells(script: string, path: string): void {
  run("flock", ["/etc", "sh", "-c", script, "sh", path]);
}

const addShell = 'grep -qxF "$1" /etc/shells || printf "%s\\n" "$1" >> /etc/shells';
const dropShell = 'rest=$(grep -vxF "$1" /etc/shells); printf "%s\\n" "$rest" > /etc/shells';

function findShell(shell: LoginShell, directory: string): string {
  const allowed = readFileSync("/etc/shells", "utf8").split("\n");
  const installed = ["/bin", "/usr/bin"].map((bin) => join(bin, shell)).filter((path) => existsSync(path));
  const program = installed.find((path) => allowed.includes(path)) ?? installed[0];
  if (program === undefined) throw new Error(`the login shell ${shell} is not installed`);
  if (shell !== "busybox") return program;
  // busybox chooses what to be by the name it is called by.
  const link = join(directory, "ash");
  symlinkSync(program, link);
  return link;
}

function sweepUser(line: string): void {
  const [name = "", , uid = "", , , home = "", shell = ""] = line.split(":");
  const owner = /\/hf-(\d+)-[^/]+\/home$/.exec(home)?.[1];
  if (!/^hf[0-9a-f]{8}$/.test(name) || owner === undefined || existsSync(`/proc/${owner}`)) return;
  for (const pid of processesOf(Number(uid))) signalQuietly(pid, "SIGKILL");
  run("userdel", ["-f", name]);
  if (shell.startsWith(join(home, ".."))) editShells(dropShell, shell);
  rmSync(join(home, ".."), { recursive: true, force: true });
}

let swept = false;

/** Removes users that test processes which were killed have left. */
function sweepOnce(): void {
  if (swept) return;
  swept = true;
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) sweepUser(line);
}

function makeHome(home: string, owner: { readonly uid: number; readonly gid: number }): void {
  mkdirSync(join(home, ".ssh"), { recursive: true });
  // Without it an interactive zsh asks a newcomer questions.
  writeFileSync(join(home, ".zshrc"), "");
  for (const path of [home, join(home, ".ssh"), join(home, ".zshrc")]) {
    chmodSync(path, 0o700);
    chownSync(path, owner.uid, owner.gid);
  }
}

/** User ids are given again: what a user left in the shared directories would be the next one's. */
function removeFilesOf(uid: number): void {
  for (const place of ["/tmp", "/var/tmp", "/dev/shm"]) {
    run("find", [place, "-maxdepth", "1", "-uid", String(uid), "-exec", "rm", "-rf", "{}", "+"]);
  }
}

function remover(name: string, uid: number, shellToForget: string | undefined): () => void {
  return onExit(() => {
    // A process may fork while the list is read; three passes catch what such a race leaves.
    for (let pass = 0; pass < 3; pass += 1) for (const pid of processesOf(uid)) signalQuietly(pid, "SIGKILL");
    const deadline = monotonicMs() + databaseLockLimitMs;
    while (!run("userdel", ["-f", name]).ok && run("id", [name]).ok && monotonicMs() < deadline) run("sleep", ["0.1"]);
    removeFilesOf(uid);
    if (shellToForget !== undefined) editShells(dropShell, shellToForget);
  });
}

/** Makes a throwaway system user with the login shell asked for, a password and a home in a temporary directory. Root only. */
export async function createLoginUser(options: LoginUserOptions = {}): Promise<LoginUser> {
  if (!canMakeUsers) throw new Error("only root can make login users");
  sweepOnce();
  const directory = makeTempDir();
  // The user must reach the home and, for busybox, the shell in it.
  chmodSync(directory.path, 0o711);
  const home = join(directory.path, "home");
  const shellPath = options.shellPath ?? findShell(options.shell ?? "bash", directory.path);
  const ownShell =
    shellPath.startsWith(directory.path) || basename(shellPath).startsWith("hf-") ? shellPath : undefined;
  const name = `hf${randomHex(4)}`;
  const password = `pw ${randomHex(8)}`;
  await runPatiently("useradd", ["-M", "-U", "-d", home, "-s", shellPath, name]);
  const uid = Number(run("id", ["-u", name]).text);
  const gid = Number(run("id", ["-g", name]).text);
  const removeUser = remover(name, uid, ownShell);
  await runPatiently("chpasswd", [], `${name}:${password}\n`);
  if (ownShell !== undefined) editShells(addShell, ownShell);
  makeHome(home, { uid, gid });
  const authorizedKeys = join(home, ".ssh", "authorized_keys");
  return {
    name,
    uid,
    gid,
    home,
    password,
    shellPath,
    authorize: (line) => {
      writeFileSync(authorizedKeys, `${line.trim()}\n`, { flag: "a", mode: 0o600 });
      chownSync(authorizedKeys, uid, gid);
    },
    remove: () => {
      removeUser();
      directory.remove();
    },
  };
}

import { execFile } from "node:child_process";
import { access, constants, readdir, stat } from "node:fs/promises";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf, withDeadline } from "../base/index.ts";
import type { Places } from "./cli-services.ts";
import type { Finding } from "./finding.ts";

/** A local program or socket that does not answer within this time is as good as absent. */
const answerLimitMs = 3_000;

/** The oldest Node that is tested. */
const oldestNode = { major: 20, minor: 19 };

/** What this machine needs: Node, ssh, the files, keys or an agent. */
export async function checkThisMachine(places: Places): Promise<readonly Finding[]> {
  return Promise.all([
    checkNode(),
    checkSsh(places),
    checkSshConfig(places.sshConfigFile),
    checkDirectory("state", places.stateDirectory),
    checkDirectory("config", places.configDirectory),
    checkKeys(),
    checkAgent(),
  ]);
}

async function checkNode(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor);
  if (good) return { verdict: "good", about: "Node", text: process.version };
  return {
    verdict: "bad",
    about: "Node",
    text: `${process.version} is too old`,
    next: `Install Node ${oldestNode.major}.${oldestNode.minor} or newer`,
  };
}

async function checkSsh(places: Places): Promise<Finding> {
  try {
    const { stderr, stdout } = await promisify(execFile)("ssh", ["-V"], { timeout: answerLimitMs });
    return { verdict: "good", about: "ssh", text: (stderr + stdout).trim() };
  } catch (thrown) {
    const text = `no ssh program (${messageOf(thrown)}); Holdfast reads ssh_config itself`;
    return { verdict: "note", about: "ssh", text: `${text}${await withoutCommands(places)}` };
  }
}

/** Without ssh nothing is run: blocks that depend on a command count as not matching. */
async function withoutCommands(places: Places): Promise<string> {
  const lines = await places.matchCommands().catch(() => []);
  return lines.length === 0 ? "" : `; these Match exec blocks are left out: ${lines.join(", ")}`;
}

async function checkSshConfig(path: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK);
    return { verdict: "good", about: "ssh_config", text: path };
  } catch (thrown) {
    if (!isMissing(thrown)) {
      return { verdict: "bad", about: "ssh_config", text: messageOf(thrown), next: `Make ${path} readable` };
    }
    return { verdict: "note", about: "ssh_config", text: `${path} does not exist; targets are user@host:port` };
  }
}

async function checkDirectory(name: string, path: string): Promise<Finding> {
  const about = `${name} directory`;
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return { verdict: "bad", about, text: `${path} is no directory`, next: "Move it away" };
    await access(path, constants.W_OK | constants.X_OK);
    const open = (found.mode & 0o077) !== 0;
    return open
      ? { verdict: "bad", about, text: `${path} is open to others`, next: `chmod 700 ${path}` }
      : { verdict: "good", about, text: path };
  } catch (thrown) {
    if (isMissing(thrown)) {
      return { verdict: "note", about, text: `${path} does not exist yet; it is made when it is needed` };
    }
    return { verdict: "bad", about, text: messageOf(thrown), next: `Make ${path} yours: chown and chmod 700` };
  }
}

async function checkKeys(): Promise<Finding> {
  const directory = join(homedir(), ".ssh");
  try {
    const names = await readdir(directory);
    const keys = names.filter((name) => /^id_[a-z0-9_-]+$/.test(name)).sort();
    if (keys.length > 0) {
      return { verdict: "good", about: "keys", text: keys.map((name) => join("~/.ssh", name)).join(", ") };
    }
  } catch (thrown) {
    if (!isMissing(thrown)) return { verdict: "note", about: "keys", text: messageOf(thrown) };
  }
  return { verdict: "note", about: "keys", text: "none of the default names in ~/.ssh" };
}

async function checkAgent(): Promise<Finding> {
  const path = process.env["SSH_AUTH_SOCK"];
  if (path === undefined || path === "") return { verdict: "note", about: "agent", text: "SSH_AUTH_SOCK is not set" };
  const reached = await withDeadline(canConnect(path), answerLimitMs);
  if (reached === true) return { verdict: "good", about: "agent", text: path };
  return {
    verdict: "bad",
    about: "agent",
    text: `nobody answers at ${path}`,
    next: "Start ssh-agent, or unset SSH_AUTH_SOCK",
  };
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(answerLimitMs, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}

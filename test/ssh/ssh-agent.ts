import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, onExit, waitUntil } from "../helpers/servers/index.ts";

export interface TestAgent {
  readonly socket: string;
  add(keyFile: string): void;
  stop(): void;
}

/** Starts an ssh-agent of its own, with no keys in it. */
export async function startAgent(): Promise<TestAgent> {
  const directory = makeTempDir();
  const socket = join(directory.path, "agent");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  const kill = onExit(() => {
    child.kill("SIGKILL");
  });
  await waitUntil("the agent listens", () => existsSync(socket));
  return {
    socket,
    add: (keyFile) => {
      execFileSync("ssh-add", ["-q", keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
    },
    stop: () => {
      kill();
      directory.remove();
    },
  };
}

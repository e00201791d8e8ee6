import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Way } from "./scene.ts";

/** An `sftp` process whose connection is up: what is timed of it is the copying alone. */
export interface OpenSftp {
  /** Carries out one command of sftp's; throws when it failed. */
  run(command: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts `sftp` and waits until it is connected. */
export async function openSftp(way: Way): Promise<OpenSftp> {
  const child = spawn("sftp", ["-q", "-b", "-", "-F", way.sshConfigFile, way.alias], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let number = 0;
  let output = "";
  let ended = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const exit = once(child, "exit").then(() => {
    ended = true;
  });
  const run = async (command: string): Promise<void> => {
    number += 1;
    output = "";
    // The mark is put together by the shell, so that sftp's echo of the command does not hold it.
    child.stdin.write(`${command}\n!echo "mark"-${number}\n`);
    while (!output.includes(`mark-${number}\n`)) {
      await Promise.race([once(child.stdout, "data"), exit]);
      if (ended) throw new Error(`sftp ended: ${output.slice(-500)}`);
    }
  };
  await run("pwd");
  return {
    run,
    close: async () => {
      child.stdin.end("bye\n");
      await exit;
    },
  };
}

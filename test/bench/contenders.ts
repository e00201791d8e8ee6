import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { Client, type ClientChannel } from "ssh2";
import type { TestServer } from "../helpers/servers/index.ts";

const execute = promisify(execFile);

/** One way to do the same small thing, ready to be timed. */
export interface Contender {
  readonly name: string;
  once(): Promise<void>;
  /** What must be done after each time and is not timed. */
  tidy?(): Promise<void>;
}

type OpenContender = Contender & { close(): Promise<void> };

/** The floor: three bytes to `cat` and back over a channel that is already open. Nothing over SSH can be faster. */
export async function openEcho(host: TestServer): Promise<OpenContender> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.once("error", reject);
    client.connect({ host: host.host, port: host.port, username: host.user, privateKey: readFileSync(host.keyFile) });
  });
  // Nagle's algorithm would add 40 ms that are not SSH's.
  client.setNoDelay(true);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec("cat", (error, opened) => {
      if (error) reject(error);
      else resolve(opened);
    });
  });
  return {
    name: "echo over an open channel (floor)",
    once: () =>
      new Promise((resolve) => {
        channel.once("data", () => resolve());
        channel.write("hi\n");
      }),
    close: async () => {
      client.end();
    },
  };
}

/** What people use today for speed: a shared OpenSSH connection and one `ssh` process per command. */
export async function overControlMaster(host: TestServer, directory: string): Promise<OpenContender> {
  const shared = ["-F", host.sshConfigFile, "-S", path.join(directory, "ctl")];
  // Its streams must not be ours: the master keeps them open for as long as it runs.
  const starter = spawn("ssh", [...shared, "-M", "-N", "-f", host.alias], { stdio: "ignore" });
  await once(starter, "exit");
  return {
    name: "ssh -S ctl host echo hi",
    once: async () => {
      const { stdout } = await execute("ssh", [...shared, host.alias, "echo hi"]);
      if (stdout !== "hi\n") throw new Error(`unexpected output: ${stdout}`);
    },
    close: async () => {
      await execute("ssh", [...shared, "-O", "exit", host.alias]);
    },
  };
}

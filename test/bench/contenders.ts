import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { Client, type ClientChannel } from "ssh2";
import type { Holdfast } from "../helpers/holdfast.ts";
import type { Way } from "./scene.ts";

const execute = promisify(execFile);

/** One way to do the same thing, ready to be timed. */
export interface Contender {
  readonly name: string;
  /** What must be done before each time and is not timed. */
  prepare?(): Promise<void>;
  once(): Promise<void>;
  /** What must be done after each time and is not timed. */
  tidy?(): Promise<void>;
}

type OpenContender = Contender & { close(): Promise<void> };

/** A command, and what it prints. */
export interface SmallCommand {
  readonly command: string;
  readonly stdout: string;
}

/** The smallest command there is. */
export const trueCommand: SmallCommand = { command: "true", stdout: "" };

/** The smallest one that prints something. */
export const echoHi: SmallCommand = { command: "echo hi", stdout: "hi\n" };

/** `ssh_run` in `session`, through MCP: client, server, SSH, the session's shell and back. */
export function overMcp(how: string, server: Holdfast, session: string, { command, stdout }: SmallCommand): Contender {
  return {
    name: `ssh_run ${command}, ${how}`,
    once: async () => {
      const reply = await server.run(session, command);
      if (reply.state !== "exit 0" || reply.stdout !== stdout) throw new Error(`unexpected reply: ${reply.text}`);
    },
  };
}

/** The floor: three bytes to `cat` and back over a channel that is already open. Nothing over SSH can be faster. */
export async function openEcho(way: Way): Promise<OpenContender> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.once("error", reject);
    client.connect({ host: "127.0.0.1", port: way.port, username: way.user, privateKey: readFileSync(way.keyFile) });
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

/** What people use today for speed: a shared OpenSSH connection, its socket in `directory`, and one `ssh` process per command. */
export async function openControlMaster(way: Way, directory: string): Promise<ControlMaster> {
  const shared = ["-F", way.sshConfigFile, "-S", path.join(directory, "ctl")];
  // Its streams must not be ours: the master keeps them open for as long as it runs.
  const starter = spawn("ssh", [...shared, "-M", "-N", "-f", way.alias], { stdio: "ignore" });
  const [code] = await once(starter, "exit");
  if (code !== 0) throw new Error("ssh -M did not start");
  return {
    run: (small) => overSsh(`ssh -S ctl host ${small.command}`, [...shared, way.alias], small),
    close: async () => {
      await execute("ssh", [...shared, "-O", "exit", way.alias]);
    },
  };
}

interface ControlMaster {
  /** One `ssh` process over the shared connection. */
  run(small: SmallCommand): Contender;
  close(): Promise<void>;
}

/** One `ssh` process per command; `args` are its arguments up to the command. */
export function overSsh(name: string, args: readonly string[], { command, stdout }: SmallCommand): Contender {
  return {
    name,
    once: async () => {
      const result = await execute("ssh", [...args, command]);
      if (result.stdout !== stdout) throw new Error(`unexpected output: ${result.stdout}`);
    },
  };
}

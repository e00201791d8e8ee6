import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { after, oneLine } from "../base/index.ts";

/** What is kept of the command's stderr; only its last line is shown. */
const keptStderr = 4_000;
const longestLine = 300;

/** After it was asked to end, how long until it is killed. */
const killAfterMs = 1_000;

/** A ProxyCommand that runs. */
export interface RunningProxy {
  /** Its stdout and stdin; the command ends with it. */
  readonly stream: Duplex;
  /** The last line that it wrote to stderr, or how it ended; undefined when it says nothing. */
  complaint(): string | undefined;
}

/** Starts a ProxyCommand as OpenSSH does: through the shell, replaced by the command. The command's text comes from the user's own settings. */
export function startProxyCommand(command: string): RunningProxy {
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], { stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  let ending: string | undefined;
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    stderr = (stderr + text).slice(-keptStderr);
  });
  child.on("error", (error) => {
    ending = error.message;
  });
  child.on("exit", (status, signal) => {
    ending = signal === null ? `it ended with exit ${String(status)}` : `it was ended by ${signal}`;
  });
  // One that does not read any more shows in what it sends: nothing.
  child.stdin.on("error", () => undefined);
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on("error", () => undefined);
  stream.once("close", () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const cancel = after(killAfterMs, () => child.kill("SIGKILL"));
    child.once("exit", cancel);
  });
  return {
    stream,
    complaint: () => {
      const last = stderr.trimEnd().split("\n").at(-1)?.trim();
      return last === undefined || last === "" ? ending : oneLine(last, longestLine);
    },
  };
}

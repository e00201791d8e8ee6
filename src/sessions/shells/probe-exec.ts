import { HoldfastError, oneLine, randomHex, timeIsUp, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshConnection } from "../../ssh/index.ts";

/** How long a login may take to run its first command: slow rc files run first. */
const probeTimeoutMs = 20_000;

/** Of what the host says, for messages. */
const saidBytes = 4000;

/** What a login that runs commands tells of itself. */
export interface ExecFacts {
  readonly home: string | undefined;
  readonly facts: string;
}

/**
 * Finds out whether the login runs commands at all. The word is written so that only a shell of some kind prints it, not a program that
 * repeats what it was given. Rejects with `unsupported`, saying what the host said.
 */
export async function probeExec(connection: SshConnection): Promise<ExecFacts> {
  const [left, right] = [randomHex(6), randomHex(6)];
  const said = { stdout: "", stderr: "" };
  let finish: (end: ChannelEnd) => void = () => undefined;
  const done = new Promise<ChannelEnd>((resolve) => {
    finish = resolve;
  });
  const keep = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    if (said[stream].length < saidBytes) said[stream] += Buffer.from(bytes).toString();
  };
  const channel = await connection.exec(`echo '${left}''${right}'; uname -srm; pwd`, {
    onStdout: (bytes) => {
      keep("stdout", bytes);
    },
    onStderr: (bytes) => {
      keep("stderr", bytes);
    },
    onEnd: (end) => {
      finish(end);
    },
  });
  channel.eof();
  const end = await withDeadline(done, probeTimeoutMs);
  channel.close();
  const lines = said.stdout.split("\n").map((line) => line.trimEnd());
  const at = lines.indexOf(`${left}${right}`);
  if (at < 0) throw noCommands(end, `${said.stderr}\n${said.stdout}`);
  const after = lines.slice(at + 1).filter((line) => line !== "");
  const home = after.findLast((line) => line.startsWith("/"));
  return { home, facts: oneLine(after.find((line) => line !== home) ?? connection.serverIdentification, 120) };
}

function noCommands(end: ChannelEnd | typeof timeIsUp, text: string): HoldfastError {
  const said = oneLine(text.replaceAll(/[^\t\n\r\u0020-\uFFFF]/g, ""), 300);
  const ended =
    end === timeIsUp ? "it does not end" : end.kind === "exit" ? `it ends with status ${end.status}` : "it is closed";
  const how = said === "" ? `it says nothing and ${ended}` : `it says: ${said}`;
  return new HoldfastError("unsupported", `this login runs no commands: ${how}`, {
    hint: "Use another user, or have its login shell or ForceCommand changed; it may be for file transfer only",
    details: { says: said },
  });
}

import { HoldfastError, oneLine, randomHex, timeIsUp, withDeadline } from "../../base/index.ts";
import type { ChannelEnd, SshConnection } from "../../ssh/index.ts";
import { probeLine, readProbe, type ExecFacts } from "./read-probe.ts";

/** How long a login may take to run its first command: slow rc files run first. */
const probeTimeoutMs = 20_000;

/** Of what the host says, for messages. */
const saidBytes = 4000;

/**
 * Finds out whether the login runs commands at all, and in which language: one command tells all. Rejects with `unsupported`, saying what the
 * host said.
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
  const channel = await connection.exec(probeLine(left, right), {
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
  const told = readProbe(said.stdout, left, right);
  if (told === undefined) throw noCommands(end, `${said.stderr}\n${said.stdout}`);
  return { ...told, facts: told.facts === "" ? oneLine(connection.serverIdentification, 120) : told.facts };
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

import { HoldfastError } from "../../base/index.ts";
import { withExec, type ChannelEnd, type SftpSession, type SshConnection } from "../../ssh/index.ts";
import { bootCommand } from "../host-shell/host-scripts.ts";
import type { ElevatedRun } from "./elevated-run.ts";
import { missingOnHost, type ElevatedProgram, type Elevation } from "./elevation.ts";
import { sudoRefused } from "./sudo-refused.ts";

/** As long as a person may be asked, and a little more, for each of the two answers that sudo gets. */
const longestAskingMs = 620_000;

const elevated = new WeakSet<SshConnection>();

/** How long what runs on the connection may wait for a person before it begins. */
export function askingMs(connection: SshConnection): number {
  return elevated.has(connection) ? longestAskingMs : 0;
}

interface AsUser {
  readonly elevation: Elevation;
  readonly user: string;
  /** What it is about: for people who are asked, and for messages. */
  readonly path: string;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/**
 * The same connection for copies, with another user behind it: our scripts and file transfer are begun by sudo. Both reject with `file_denied` when it
 * refuses; scripts get their input when they run.
 */
export function asUser(connection: SshConnection, how: AsUser): SshConnection {
  const begin = async (kind: ElevatedProgram["kind"]): Promise<ElevatedRun> => {
    const run = await how.elevation.begin(how.user, { kind, purpose: "ssh_copy", path: how.path });
    const leave = (): void => {
      run.end();
    };
    how.signal.addEventListener("abort", leave, { once: true });
    run.over.addEventListener("abort", () => {
      how.signal.removeEventListener("abort", leave);
    });
    if (how.signal.aborted) leave();
    return run;
  };
  const exec = execAs(connection, { begin, how });
  const sftp = sftpAs(connection, { begin, how });
  const same = withExec(connection, exec);
  // More channels would each need a sudo of their own.
  const other: SshConnection = Object.defineProperties(same, {
    sftp: { value: sftp },
    freeChannels: { get: () => Math.min(1, connection.freeChannels) },
  });
  elevated.add(other);
  return other;
}

interface Starting {
  readonly how: AsUser;
  readonly begin: (kind: ElevatedProgram["kind"]) => Promise<ElevatedRun>;
}

function execAs(connection: SshConnection, { begin, how }: Starting): SshConnection["exec"] {
  return async (command, listener, options = {}) => {
    if (command !== bootCommand) throw new HoldfastError("internal", "only scripts run as another user");
    const run = await begin("sh");
    let end: ChannelEnd | undefined;
    const opening = connection.exec(
      bootCommand,
      {
        onStdout: (bytes) => {
          listener.onStdout(bytes);
        },
        onStderr: (bytes) => {
          run.heard(bytes);
        },
        onEnd: (ended) => {
          end = ended;
          run.end();
          listener.onEnd(ended);
        },
      },
      { ...options, input: `${run.text.line}${options.input ?? ""}` },
    );
    opening.catch(() => {
      run.end();
    });
    const channel = await opening;
    await run.untilOn();
    if (run.on) return channel;
    channel.close();
    throw whyNot(run, how, end);
  };
}

function sftpAs(connection: SshConnection, { begin, how }: Starting): () => Promise<SftpSession> {
  return async () => {
    const run = await begin("sftp");
    const { command } = run.text;
    try {
      return await connection.sftp({
        command,
        onStderr: (bytes) => {
          run.heard(bytes);
        },
      });
    } catch (error) {
      if (connection.closed || !run.begun || run.missing === "sftp") throw error;
      throw whyNot(run, how, undefined);
    } finally {
      run.end();
    }
  };
}

function whyNot(run: ElevatedRun, { path, signal }: AsUser, end: ChannelEnd | undefined): HoldfastError {
  if (signal.aborted) return new HoldfastError("cancelled", `${path}: nobody waits for sudo any more`);
  if (end !== undefined && end.kind !== "exit") {
    return new HoldfastError("connection_lost", `the connection was lost while sudo was asked for ${path}`, {
      hint: "Call again",
    });
  }
  if (run.missing !== undefined) return missingOnHost(path, run.missing);
  if (run.begun) return sudoRefused(path, run);
  return new HoldfastError("unsupported", `${path} is out of reach: the host runs no shell for it`);
}

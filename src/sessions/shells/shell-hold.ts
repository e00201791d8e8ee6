import { HoldfastError, timeIsUp, withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { look } from "../host-shell/host-files.ts";
import { dense } from "../host-shell/host-scripts.ts";
import type { StopSignal } from "../session-api.ts";
import signal from "./host/signal.sh";

/** How long one piece of input may wait for the program to read what came before it. */
const inputTimeoutMs = 10_000;

/** A shell on a channel, as others reach it on its host. */
export interface ShellProcess {
  readonly pid: number;
  /** The process that holds the pipe from which its commands read; 0: there is none, they read nothing. */
  readonly holder: number;
}

/** Where commands of this shell read from. */
export function stdinPath({ holder }: ShellProcess): string {
  return holder === 0 ? "/dev/null" : `/proc/${holder}/fd/4`;
}

/** Waits (in a script on the host, at most 10 s) until the command has opened its stdin; what is closed before is never seen. */
function opened({ pid, holder }: ShellProcess): string {
  const same = `[ /proc/${pid}/fd/0 -ef /proc/${holder}/fd/4 ]`;
  return `n=0; until ${same}; do n=$((n+1)); [ $n -lt 500 ] && [ -e /proc/${holder}/fd/4 ] || exit 75; sleep 0.02 2>/dev/null || sleep 1; done; `;
}

/** Feeds the running command. With `end`, its end of file follows. Rejects with `timed_out` when the command does not read. */
export async function feed(connection: SshConnection, shell: ShellProcess, text: string, end: boolean): Promise<void> {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const close = end ? `; kill ${shell.holder}` : "";
  const script = `${opened(shell)}cat >/proc/${shell.holder}/fd/4${close}`;
  const channel = await connection.exec(`exec /bin/sh -c '${script}'`, {
    onStdout: () => undefined,
    onStderr: () => undefined,
    onEnd: () => {
      finish();
    },
  });
  channel.write(text);
  channel.eof();
  const outcome = await withDeadline(done, inputTimeoutMs);
  channel.close();
  if (outcome !== timeIsUp) return;
  throw new HoldfastError("timed_out", "the command does not read its input: a piece of it is still waiting", {
    hint: "See what it does with ssh_read",
  });
}

/** Gives the running command its end of file. */
export async function endInput(connection: SshConnection, shell: ShellProcess): Promise<void> {
  await look(connection, `${opened(shell)}kill ${shell.holder}`);
}

/** Signals what the shell runs; with `all` the shell and what belongs to it are killed too. */
export async function signalShell(
  connection: SshConnection,
  shell: ShellProcess,
  wanted: StopSignal,
  all: boolean,
): Promise<void> {
  const variables = `P=${shell.pid} H=${shell.holder} S=${wanted} X=${all ? 1 : 0}`;
  await look(connection, `${variables}\n${dense(signal)}`);
}

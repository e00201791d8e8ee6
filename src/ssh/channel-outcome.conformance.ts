import { delay, monotonicMs } from "../base/index.ts";
import type { ChannelEnd, ChannelListener, ExecOptions, SshConnection } from "./engine.ts";

/** All that a channel gave, and how it ended. */
export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly end: ChannelEnd;
}

/** No single step of the suite takes longer, however slow the machine is. */
export const stepLimitMs = 30_000;

/** A listener that keeps everything, and fails on bytes after the end or a second end. */
export function collect(): {
  readonly listener: ChannelListener;
  readonly outcome: Promise<Outcome>;
  readonly size: () => number;
} {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  let settle: (outcome: Outcome) => void = () => undefined;
  let size = 0;
  let ended = 0;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const keep =
    (list: Uint8Array[]) =>
    (bytes: Uint8Array): void => {
      if (ended > 0) throw new Error("bytes after the end");
      size += bytes.length;
      list.push(bytes);
    };
  const listener: ChannelListener = {
    onStdout: keep(stdout),
    onStderr: keep(stderr),
    onEnd: (end) => {
      ended += 1;
      if (ended > 1) throw new Error("two ends");
      settle({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), end });
    },
  };
  return { listener, outcome, size: () => size };
}

/** Resolves when `condition` holds; throws with `what` when it does not in time. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = monotonicMs() + stepLimitMs;
  while (!condition()) {
    if (monotonicMs() > deadline) throw new Error(`not in time: ${what}`);
    await delay(10);
  }
}

/** Runs a command with an optional stdin and waits for its end. */
export async function runToEnd(
  connection: SshConnection,
  command: string,
  stdin?: Uint8Array | string,
  options?: ExecOptions,
): Promise<Outcome> {
  const { listener, outcome } = collect();
  const channel = await connection.exec(command, listener, options);
  if (stdin !== undefined) channel.write(stdin);
  channel.eof();
  return outcome;
}

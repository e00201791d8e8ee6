import { timeIsUp, withDeadline } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { ToldBehind } from "./told-behind.ts";
import type { WindowsLine } from "./windows-line.ts";
import type { ToldState } from "./windows-state.ts";

/** How long a login may take to run nothing: PowerShell is slow to begin. */
const lookTimeoutMs = 30_000;

/** What a login tells of itself when it runs nothing: where it is and its variables. Undefined when it does not tell. */
export async function lookAround(
  connection: SshConnection,
  made: WindowsLine,
  mark: string,
): Promise<ToldState | undefined> {
  if (!("line" in made)) return undefined;
  const told = new ToldBehind(mark, () => undefined);
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const channel = await connection.exec(made.line, {
    onStdout: (bytes) => {
      told.feed(bytes);
    },
    onStderr: () => undefined,
    onEnd: () => {
      finish();
    },
  });
  channel.eof();
  const outcome = await withDeadline(done, lookTimeoutMs);
  channel.close();
  return outcome === timeIsUp ? undefined : told.end().state;
}

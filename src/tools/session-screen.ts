import { HoldfastError, delay } from "../base/index.ts";
import type { CommandView, SessionView } from "../sessions/index.ts";

/** Commands of a session that are looked through for one on a terminal. */
const newestLooked = 1_000;

/** Changes are told at most this often: two times a second. */
const changePeriodMs = 500;

/** A newer terminal is noticed within this time. */
const lookAgainMs = 1_000;

/** The newest command of a session on a terminal: one that runs, else one that has ended. Rejects with `command_unknown` where there is none. */
export async function newestTerminal(session: SessionView): Promise<CommandView> {
  const newest = await terminalOf(session);
  if (newest !== undefined) return newest;
  throw new HoldfastError("command_unknown", `no command of ${session.name} runs, or ran, on a terminal`, {
    hint: `ssh_run {"on":"${session.name}","pty":true} starts one`,
  });
}

/** Calls `onChange` when the screen of the newest terminal may have changed, or there is a newer one, at most twice a second, until `signal` aborts. Rejects as listing commands does. */
export async function followNewestTerminal(
  session: SessionView,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  let told = stampOf(await terminalOf(session));
  while (!signal.aborted) {
    const newest = await terminalOf(session);
    const now = stampOf(newest);
    if (now !== told) {
      told = now;
      onChange();
      await delay(changePeriodMs, signal);
    } else if (newest?.state.kind === "running") await newest.changed(lookAgainMs, signal);
    else await delay(lookAgainMs, signal);
  }
}

async function terminalOf(session: SessionView): Promise<CommandView | undefined> {
  const onTerminals = (await session.commands(newestLooked)).filter(({ terminal }) => terminal !== undefined);
  return onTerminals.find(({ state }) => state.kind === "running") ?? onTerminals[0];
}

function stampOf(command: CommandView | undefined): string {
  if (command === undefined) return "";
  const { id, state, stdoutBytes, terminal } = command;
  return [id, state.kind, stdoutBytes, terminal?.columns, terminal?.rows].join(" ");
}

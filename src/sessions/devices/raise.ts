import { Exchange } from "../../devices/index.ts";
import type { DeviceLine } from "./device-line.ts";
import type { AskSecret } from "./device-asks.ts";

/** How long a device may take to judge an enable password: some ask another server. */
const enableLimitMs = 60_000;

/** Whether there is a privileged mode above the one that the terminal is in. */
export function mayRaise({ terminal }: DeviceLine): boolean {
  return terminal.platform.steps.enable !== undefined && terminal.prompt?.mode.kind === "user";
}

/** Goes to privileged mode, with one attempt at its password. What went wrong, or undefined; the line may be closed then. */
export async function raise(line: DeviceLine, askEnable: AskSecret): Promise<string | undefined> {
  const { terminal } = line;
  const step = terminal.platform.steps.enable;
  if (step === undefined) return undefined;
  let wrong: () => void = () => undefined;
  let refused: string | undefined;
  const give = async (prompt: string): Promise<void> => {
    const answer = await askEnable(prompt);
    if ("refused" in answer) {
      refused = `${step.command}: no password: ${answer.refused}`;
      line.close();
      return;
    }
    ({ wrong } = answer);
    exchange.answer(answer.secret + terminal.platform.enter);
  };
  const exchange: Exchange = new Exchange(
    terminal,
    { command: step.command, asks: step.asks, refusals: step.refusals },
    {
      onOutput: () => undefined,
      onQuestion: () => undefined,
      onAsk: (_, prompt) => void give(prompt),
    },
  );
  exchange.begin();
  const end = await exchange.within(enableLimitMs);
  if (end.kind === "prompt" && end.error === undefined) {
    await line.prepare();
    return undefined;
  }
  if (end.kind === "secret refused" || end.kind === "prompt") wrong();
  if (end.kind !== "prompt") line.close();
  if (refused !== undefined) return refused;
  return `${step.command}: ${end.kind === "prompt" ? (end.error ?? "") : "its password was refused"}; it was tried once, and the session is in user mode`;
}

import { randomHex } from "../../src/base/index.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { Lane } from "./lane.ts";
import { seededRandom } from "./random.ts";

export interface ChaosOptions {
  readonly rounds: number;
  readonly lanes: number;
  readonly seed: number;
  readonly daemon: boolean;
  /** Told of each round. */
  report(line: string): void;
}

/** Plays rounds in several lanes at once against one real sshd; resolves with all that went wrong. */
export async function playChaos(options: ChaosOptions): Promise<readonly string[]> {
  const server = await startOpenSsh({ config: ["MaxStartups 100", "MaxSessions 100"] });
  const problems: string[] = [];
  let begun = 0;
  const playLane = async (index: number): Promise<void> => {
    const random = seededRandom(options.seed * 1000 + index);
    const name = `lane${index}-${randomHex(3)}`;
    const lane = await Lane.open({ name, server, random, daemon: options.daemon });
    while (begun < options.rounds) {
      begun += 1;
      const round = begun;
      const { fault, wrong } = await lane.play(`r${round}x${randomHex(4)}`);
      const line = `round ${round}, lane ${index}, ${fault}: ${wrong ?? "whole"}`;
      options.report(line);
      if (wrong !== undefined) problems.push(line);
    }
    const left = await lane.close();
    if (left !== undefined) problems.push(`lane ${index}: ${left}`);
  };
  try {
    await Promise.all(Array.from({ length: options.lanes }, (_, index) => playLane(index + 1)));
  } finally {
    await server.stop();
  }
  return problems;
}

import { randomHex } from "../../src/base/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { leftovers } from "../helpers/leftovers.ts";
import {
  canMakeUsers,
  createLoginUser,
  startOpenSsh,
  type LoginShell,
  type LoginUser,
} from "../helpers/servers/index.ts";
import { Lane } from "./lane.ts";
import { seededRandom } from "./random.ts";

export interface ChaosOptions {
  readonly rounds: number;
  readonly lanes: number;
  readonly seed: number;
  readonly daemon: boolean;
  /** Login shell of the user that the lanes log in as; only root can make one. */
  readonly shell: LoginShell;
  /** Parts of names: other workloads and faults are left out. */
  readonly only?: { readonly kind: string; readonly fault: string };
  /** Told of each round. */
  report(line: string): void;
}

/** How long what is on the host may take to be gone after the last session was closed. */
const goneMs = 15_000;

/** Plays rounds in several lanes at once against one real sshd; resolves with all that went wrong. */
export async function playChaos(options: ChaosOptions): Promise<readonly string[]> {
  const user = canMakeUsers ? await createLoginUser({ shell: options.shell }) : undefined;
  const server = await startOpenSsh({
    config: ["MaxStartups 100", "MaxSessions 100"],
    ...(user === undefined ? {} : { loginUser: user }),
  });
  const problems: string[] = [];
  let begun = 0;
  const playLane = async (index: number): Promise<void> => {
    const random = seededRandom(options.seed * 1000 + index);
    const name = `lane${index}-${randomHex(3)}`;
    const lane = await Lane.open({ name, server, random, daemon: options.daemon, only: options.only });
    while (begun < options.rounds) {
      begun += 1;
      const round = begun;
      const { fault, workloads, wrong } = await lane.play(`r${round}x${randomHex(4)}`);
      const line = `round ${round}, lane ${index}, ${workloads.join(" + ")}, ${fault}: ${wrong ?? "whole"}`;
      options.report(line);
      if (wrong !== undefined) problems.push(line);
    }
    const left = await lane.close();
    if (left !== undefined) problems.push(`lane ${index}: ${left}`);
  };
  try {
    await Promise.all(Array.from({ length: options.lanes }, (_, index) => playLane(index + 1)));
    if (user !== undefined) problems.push(...(await leftOnHost(user)));
  } finally {
    await server.stop();
    user?.remove();
  }
  return problems;
}

/** Processes and files of the user that stay behind. */
async function leftOnHost(user: LoginUser): Promise<readonly string[]> {
  try {
    await eventually("a clean host", goneMs, () => (leftovers(user).length === 0 ? true : undefined));
    return [];
  } catch {
    return leftovers(user).map((left) => `left on the host: ${left}`);
  }
}

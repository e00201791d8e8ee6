import { expect, it } from "vitest";
import { playChaos } from "./play-chaos.ts";

/** The long run is a command of its own: npm run chaos -- --rounds 500. */
it.each([
  ["in process", false, 8],
  ["through the daemon", true, 9],
])(
  "loses nothing, doubles nothing and hangs nowhere under random faults, %s",
  { timeout: 600_000, retry: 0 },
  async (_how, daemon, rounds) => {
    const seen: string[] = [];
    const problems = await playChaos({
      rounds,
      lanes: 3,
      seed: 7,
      daemon,
      shell: "bash",
      report: (line) => seen.push(line),
    });
    expect(problems.join("\n")).toBe("");
    expect(seen).toHaveLength(rounds);
  },
);

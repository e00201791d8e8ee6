import { expect, test } from "vitest";
import { monotonicMs } from "../../base/index.ts";
import { CommitTrial } from "./commit-trial.ts";

test("a commit that waits for a confirmation is told of, and its end once", () => {
  const trial = new CommitTrial();
  expect(trial.note()).toBeUndefined();
  trial.begin("commit confirmed 2", "commit", { beganMs: monotonicMs(), limitMs: 120_000 });
  expect(trial.note()).toMatch(/^commit confirmed 2: taken back by the device in (?:2 min 0|1 min 5\d) s, unless/);
  trial.confirmed();
  expect(trial.note()).toBeUndefined();
  trial.begin("commit trial 30", "commit", { beganMs: monotonicMs() - 30_000, limitMs: 30_000 });
  expect(trial.note()).toMatch(/^commit trial 30: its time is over and nobody confirmed it here/);
  expect(trial.note()).toBeUndefined();
  trial.begin("commit confirmed 300", "commit", { beganMs: 0, limitMs: undefined });
  expect(trial.note()).toBe(
    "commit confirmed 300: taken back by the device when its time is over, unless commit follows",
  );
});

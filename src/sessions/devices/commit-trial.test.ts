import { expect, test } from "vitest";
import { monotonicMs } from "../../base/index.ts";
import { createMemoryStore } from "../../store/index.ts";
import { CommitTrial } from "./commit-trial.ts";

const account = "admin@10.0.0.1:22";

test("a commit that waits for a confirmation is told of, and its end once", async () => {
  const trial = new CommitTrial(createMemoryStore(), account);
  expect(trial.note()).toBeUndefined();
  await trial.begin("commit confirmed 2", "commit", { beganMs: monotonicMs(), limitMs: 120_000 });
  expect(trial.note()).toMatch(/^commit confirmed 2: taken back by the device in (?:2 min 0|1 min 5\d) s, unless/);
  await trial.settled();
  expect(trial.note()).toBeUndefined();
  await trial.begin("commit trial 30", "commit", { beganMs: monotonicMs() - 30_000, limitMs: 30_000 });
  expect(trial.note()).toMatch(/^commit trial 30: its time is over and nobody confirmed it here/);
  expect(trial.note()).toBeUndefined();
  await trial.begin("commit confirmed 300", "commit", { beganMs: 0, limitMs: undefined });
  expect(trial.note()).toBe(
    "commit confirmed 300: taken back by the device when its time is over, unless commit follows",
  );
});

test("the next server knows of it, for its account alone, until it is settled or told to be over", async () => {
  const store = createMemoryStore();
  const next = async (of = account): Promise<CommitTrial> => {
    const trial = new CommitTrial(store, of);
    await trial.recall();
    return trial;
  };
  await (await next()).begin("commit confirmed 5", "commit", { beganMs: monotonicMs() - 100_000, limitMs: 300_000 });
  const found = await next();
  expect(found.note()).toMatch(/^commit confirmed 5: taken back by the device in 3 min (?:20|1\d) s, unless commit/);
  expect((await next("other@10.0.0.1:22")).note()).toBeUndefined();
  await found.settled();
  expect((await next()).note()).toBeUndefined();
  await found.begin("commit confirmed 1", "commit", { beganMs: monotonicMs() - 90_000, limitMs: 60_000 });
  expect((await next()).note()).toMatch(/^commit confirmed 1: its time is over/);
  await expect.poll(() => store.list()).toEqual([]);
  await found.begin("commit confirmed 300", "commit", { beganMs: monotonicMs() - 90_000_000, limitMs: undefined });
  expect((await next()).note()).toBeUndefined();
  expect(await store.list()).toEqual([]);
});

test("what is kept and is none, or cannot be read, is as nothing", async () => {
  const store = createMemoryStore();
  const trial = new CommitTrial(store, account);
  await trial.begin("commit confirmed 5", "commit", { beganMs: monotonicMs(), limitMs: 300_000 });
  const [name = ""] = await store.list();
  await store.put(name, { kind: "commit-trial", line: 5 });
  const broken = {
    ...store,
    get: () => Promise.reject(new Error("no disk")),
    put: () => Promise.reject(new Error("no room")),
  };
  for (const of of [store, broken]) {
    const other = new CommitTrial(of, account);
    await other.recall();
    expect(other.note()).toBeUndefined();
  }
  const unkept = new CommitTrial(broken, account);
  await unkept.begin("commit confirmed 5", "commit", { beganMs: monotonicMs(), limitMs: 300_000 });
  expect(unkept.note()).toMatch(/^commit confirmed 5: /);
});

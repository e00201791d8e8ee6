import { expect, it } from "vitest";
import { HoldfastError } from "../base/index.ts";
import { retryTransient } from "./connections/retry-transient.ts";
import { patiently } from "./patiently.ts";

function lost(transient: boolean): HoldfastError {
  return new HoldfastError("connection_lost", "gone", transient ? { details: { transient: 1 } } : {});
}

it("tries again what was lost on a connection that was there, a few times", async () => {
  let made = 0;
  const work = async (): Promise<string> => {
    made += 1;
    if (made < 3) throw lost(false);
    return "done";
  };
  expect(await patiently(work)).toBe("done");
  made = -10;
  await expect(patiently(work)).rejects.toMatchObject({ code: "connection_lost" });
  expect(made).toBe(-6);
});

it("a connection that could not be made has had all its attempts", async () => {
  let made = 0;
  const plan = { retries: 2, retryDelayMs: 1, connectTimeoutMs: 1_000 };
  const dial = async (): Promise<never> => {
    made += 1;
    throw lost(true);
  };
  await expect(patiently(() => retryTransient(plan, { final: false }, dial))).rejects.toMatchObject({
    code: "connection_lost",
    details: { attempts: 3 },
  });
  expect(made).toBe(3);
});

it("what went out with the login is asked about by whoever sent it", async () => {
  let made = 0;
  const dial = async (): Promise<string> => {
    made += 1;
    if (made === 1) throw lost(true);
    return "done";
  };
  expect(
    await patiently(() => retryTransient({ retries: 2, connectTimeoutMs: 1_000 }, { final: made === 0 }, dial)),
  ).toBe("done");
  expect(made).toBe(2);
});

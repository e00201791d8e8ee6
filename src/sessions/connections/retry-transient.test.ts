import { describe, expect, it } from "vitest";
import { HoldfastError } from "../../base/index.ts";
import { retryTransient } from "./retry-transient.ts";

const goingOn = { final: false };

/** An attempt that always fails, and how many there were. */
function failing(details: Readonly<Record<string, number>>): {
  readonly attempt: () => Promise<never>;
  readonly made: () => number;
} {
  let made = 0;
  return {
    attempt: async () => {
      made += 1;
      throw new HoldfastError("dial_failed", "no room", { details });
    },
    made: () => made,
  };
}

describe("retryTransient", () => {
  const plan = { retries: 2, retryDelayMs: 1, connectTimeoutMs: 50 };

  it("makes as many attempts as the plan says", async () => {
    const { attempt, made } = failing({ transient: 1 });
    await expect(retryTransient(plan, goingOn, attempt)).rejects.toMatchObject({ details: { attempts: 3 } });
    expect(made()).toBe(3);
  });

  it("tries a crowded server until the connection has had its time", async () => {
    const { attempt, made } = failing({ transient: 1, crowded: 1 });
    await expect(retryTransient(plan, goingOn, attempt)).rejects.toMatchObject({ code: "dial_failed" });
    const inTheEnd = async (): Promise<string> => (made() < 9 ? attempt() : "in");
    expect(await retryTransient({ ...plan, connectTimeoutMs: 60_000 }, goingOn, inTheEnd)).toBe("in");
  });

  it("makes the attempts of the plan at a crowded server, however short its time is", async () => {
    const { attempt, made } = failing({ transient: 1, crowded: 1 });
    const brief = { ...plan, connectTimeoutMs: 0 };
    await expect(retryTransient(brief, goingOn, attempt)).rejects.toMatchObject({ details: { attempts: 3 } });
    expect(made()).toBe(3);
  });

  it("makes one where none is to follow, and none once something has gone out", async () => {
    const crowded = failing({ transient: 1, crowded: 1 });
    await expect(retryTransient({ ...plan, retries: 0 }, goingOn, crowded.attempt)).rejects.toThrow("no room");
    await expect(retryTransient(plan, { final: true }, crowded.attempt)).rejects.toThrow("no room");
    expect(crowded.made()).toBe(2);
  });
});

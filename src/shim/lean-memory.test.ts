import { describe, expect, it } from "vitest";
import { forgetLeanMemory, leanMemory } from "./lean-memory.ts";

const plain = { HOME: "/home/u" };

describe("memory that goes back to the system", () => {
  it("is asked for, unless whoever started us has said something else", () => {
    expect(leanMemory(plain)).toMatchObject({ HOME: "/home/u", MALLOC_ARENA_MAX: "1" });
    expect(leanMemory({ MALLOC_ARENA_MAX: "4" })).toMatchObject({ MALLOC_ARENA_MAX: "4" });
  });

  it("is asked for in this process alone", () => {
    const ours: Record<string, string | undefined> = { ...leanMemory(plain) };
    forgetLeanMemory(ours);
    expect(ours).toEqual(plain);
    const theirs = { MALLOC_ARENA_MAX: "4" };
    forgetLeanMemory(theirs);
    expect(theirs).toEqual({ MALLOC_ARENA_MAX: "4" });
  });
});

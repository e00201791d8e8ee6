import { describe, expect, it } from "vitest";
import { readSessionLimits } from "./session-limits.ts";

describe("session limits", () => {
  it("have defaults", () => {
    expect(readSessionLimits({})).toEqual({
      idleS: 604_800,
      spoolBytes: 268_435_456,
      whenFull: "drain",
      directory: "",
    });
  });

  it("come from the environment", () => {
    const env = {
      HOLDFAST_SESSION_IDLE_S: "3600",
      HOLDFAST_SPOOL_BYTES: "1048576",
      HOLDFAST_SPOOL_FULL: "stop",
      HOLDFAST_HOST_DIRECTORY: "/srv/my sessions",
    };
    expect(readSessionLimits(env)).toEqual({
      idleS: 3600,
      spoolBytes: 1_048_576,
      whenFull: "stop",
      directory: "/srv/my sessions",
    });
  });

  it.each([
    ["HOLDFAST_SESSION_IDLE_S", "5"],
    ["HOLDFAST_SESSION_IDLE_S", "1e5"],
    ["HOLDFAST_SPOOL_BYTES", "-1"],
    ["HOLDFAST_SPOOL_FULL", "maybe"],
    ["HOLDFAST_HOST_DIRECTORY", "relative"],
    ["HOLDFAST_HOST_DIRECTORY", "/it's"],
  ])("refuse %s=%s, naming it", (name, value) => {
    expect(() => readSessionLimits({ [name]: value })).toThrow(name);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  askOf,
  asksQuestion,
  asksSecret,
  isError,
  isPager,
  lineStart,
  mayRename,
  readPlatform,
  readPrompt,
  readsOnly,
} from "./index.ts";

const ios = readPlatform(readFileSync(new URL("platforms/cisco-ios.yaml", import.meta.url), "utf8"), "cisco-ios.yaml");

describe("a platform file", () => {
  it("tells prompts, modes and the device's name", () => {
    expect(readPrompt(ios, "r1>")).toMatchObject({ host: "r1", mode: { kind: "user" } });
    expect(readPrompt(ios, "r1(config-if)#")).toMatchObject({
      host: "r1",
      context: "config-if",
      mode: { kind: "config" },
    });
    expect(readPrompt(ios, "Interface is up, r1#")).toBeUndefined();
  });

  it("tells what a line is", () => {
    expect(isPager(ios, " --More-- ")).toBe(true);
    expect(isError(ios, "% Invalid input detected at '^' marker.")).toBe(true);
    expect(isError(ios, "Password required, but none set")).toBe(false);
    expect(asksSecret(ios, "Password: ")).toBe(true);
    expect(asksQuestion(ios, "Proceed with reload? [confirm]")).toBe(true);
    expect(asksQuestion(ios, "Destination filename [startup-config]? ")).toBe(true);
    expect(askOf(ios.steps.enable?.asks ?? [], "Password: ")?.answer).toBe("secret");
    expect(lineStart("x".repeat(10_000))).toHaveLength(512);
  });

  it("tells what a command does", () => {
    expect(readsOnly(ios, "show version")).toBe(true);
    expect(readsOnly(ios, "shutdown")).toBe(false);
    expect(readsOnly(ios, "show tech | redirect flash:tech")).toBe(false);
    expect(readsOnly(ios, "ping")).toBe(false);
    expect(mayRename(ios, "hostname r2")).toBe(true);
  });
});

import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { testConfig } from "./test-config.ts";

describe("the settings file", () => {
  it("is read anew when it changes; a broken one keeps the old and says so once", async () => {
    const { config, write } = testConfig("targets:\n  w: { host: one }\n");
    expect(await config.resolve("w")).toMatchObject({ host: "one" });
    write("targets:\n  w: { host: two-two }\n");
    expect(await config.resolve("w")).toMatchObject({ host: "two-two" });
    write("targets:\n  w: { hots: three }\n");
    expect(await config.resolve("w")).toMatchObject({ host: "two-two" });
    expect(config.takeComplaint()).toMatch(/line 2: targets\.w: unknown key "hots"; what it said before still holds/);
    expect(config.takeComplaint()).toBeUndefined();
    expect(config.complaint()).toMatch(/hots/);
    rmSync(config.file);
    expect(await config.resolve("w")).toMatchObject({ host: "two-two" });
    expect(config.takeComplaint()).toMatch(/cannot be read/);
    write("targets:\n  w: { host: four }\n");
    expect(await config.resolve("w")).toMatchObject({ host: "four" });
    expect(config.complaint()).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { testConfig } from "./test-config.ts";

describe("groups and tags", () => {
  it("stand for their targets, each once", async () => {
    const { config } = testConfig(
      "targets:\n  a: { tags: [web] }\n  b: { tags: [web, db] }\n  c: {}\ngroups:\n  all: ['@web', c, me@d:22]\n  loop: ['@loop', a]\n",
    );
    expect(await config.expand(["@web"])).toEqual(["a", "b"]);
    expect(await config.expand(["c", "@all", "b"])).toEqual(["c", "a", "b", "me@d:22"]);
    expect(await config.expand(["@loop"])).toEqual(["a"]);
    await expect(config.expand(["@nope"])).rejects.toMatchObject({
      code: "target_unknown",
      hint: "Known: @all, @db, @loop, @web",
    });
  });
});

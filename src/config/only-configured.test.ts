import { describe, expect, it } from "vitest";
import { testConfig } from "./test-config.ts";

describe("only_configured_targets", () => {
  it("refuses all others, and another place or account of its own", async () => {
    const yaml = "only_configured_targets: true\ntargets:\n  web1: { jump: gate }\n  db1: {}\n";
    const { config } = testConfig(yaml, { OVRD_SECRET_BOX_HOST: "10.0.0.1" }, "Host private\n  HostName 10.0.0.8\n");
    expect(await config.resolve("web1")).toMatchObject({ host: "web1", jump: ["gate"] });
    expect(await config.resolve("secret-box")).toMatchObject({ host: "10.0.0.1" });
    expect(await config.resolve("gate", {}, true)).toMatchObject({ host: "gate" });
    await expect(config.resolve("web2")).rejects.toMatchObject({
      code: "denied_by_policy",
      hint: expect.stringMatching(/: web1, /),
    });
    for (const text of ["private", "10.0.0.8", "web1x"]) {
      await expect(config.resolve(text)).rejects.toMatchObject({ code: "denied_by_policy" });
    }
    for (const [text, overrides] of [
      ["root@web1", {}],
      ["web1:23", {}],
      ["web1", { user: "root" }],
      ["web1", { port: 23 }],
      ["web1", { jump: ["x"] }],
    ] as const) {
      await expect(config.resolve(text, overrides)).rejects.toMatchObject({ code: "denied_by_policy" });
    }
    expect((await config.targets()).map(({ alias }) => alias)).toEqual(["web1", "db1", "secret_box"]);
  });
});

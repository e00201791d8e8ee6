import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openConfig } from "./config.ts";
import { settingsDirectory, testConfig } from "./test-config.ts";

describe("a settings file with faults", () => {
  it.each([
    ["targets:\n  web1:\n    prot: 22\n", /line 3: targets\.web1: unknown key "prot"/, /Known: .*port/],
    ["only_configured_target: true\n", /line 1: unknown key "only_configured_target"/, /only_configured_targets/],
    ["targets:\n  web1:\n    user: 1001\n", /line 3: targets\.web1\.user: must be text; put it in quotes/, /./],
    ["targets:\n  web1:\n    port: 70000\n", /line 3: targets\.web1\.port: /, /./],
    ["targets:\n  web1:\n    host_keys: no\n", /line 3: .*must be one of ask, accept-new, strict/, /./],
    ["targets:\n  web1: {}\n  web1: {}\n", /line 3: it is no YAML \(duplicate key\)/, /./],
    ["targets:\n  - web1\n", /line 1: targets: must be a map/, /./],
    ["targets:\n  web1:\n   - x: [\n", /line \d: it is no YAML/, /./],
    ["targets:\n  'a b': {}\n", /an alias has letters/, /./],
    ["a: 1\n---\nb: 2\n", /more than one document/, /./],
    ["targets:\n  web1: { jump: b, proxy_command: nc }\n", /exclude each other/, /./],
    ["targets:\n  web1: { host: me@x }\n", /host takes a name or address alone/, /./],
    ["targets:\n  web1: { host: 'x;id' }\n", /mean something to a shell/, /./],
    ["secrets:\n  in_call: refuse\n", /line 2: secrets: unknown key "in_call"/, /in_calls/],
  ])("%j is refused, naming file, line and reason", async (yaml, message, hint) => {
    const { config, file } = testConfig(yaml);
    await expect(config.resolve("web1")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    await expect(config.resolve("web1")).rejects.toThrow(file);
  });

  it("never says a value that may be a secret", async () => {
    for (const yaml of ["targets:\n  w: { password: [hunter2] }\n", "targets: {w: {password: 'hunter2}}\n"]) {
      const { config } = testConfig(yaml);
      const error: unknown = await config.resolve("w").catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/config-\d+\.yaml/);
      expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
    }
  });

  it("is refused with secrets when others can read it, and whatever is in it when they can write it", async () => {
    const secret = testConfig("targets:\n  w: { password: x }\n");
    chmodSync(secret.file, 0o640);
    await expect(secret.config.resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("can be read by others"),
      hint: `Run: chmod 600 ${secret.file}`,
    });
    const harmless = testConfig("targets:\n  w: { host: h }\n");
    chmodSync(harmless.file, 0o644);
    expect(await harmless.config.resolve("w")).toMatchObject({ host: "h" });
    chmodSync(harmless.file, 0o666);
    await expect(openConfig({ HOLDFAST_CONFIG: harmless.file }).resolve("w")).rejects.toThrow("written to by others");
  });

  it("one that was named must be there; the usual one need not", async () => {
    const missing = join(settingsDirectory, "missing.yaml");
    await expect(openConfig({ HOLDFAST_CONFIG: missing }).resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(missing),
    });
    const env = { HOLDFAST_CONFIG_DIR: join(settingsDirectory, "no"), HOLDFAST_SSH_CONFIG: "/dev/null" };
    expect(await openConfig(env).resolve("w")).toMatchObject({ host: "w" });
  });

  it.each([
    ["SSH_CONNECT_TIMEOUT", "soon"],
    ["SSH_MAX_RETRIES", "1.5"],
    ["SSH_COMPRESSION", "maybe"],
    ["OVRD_W_PORT", "99999"],
    ["OVRD_W_HOST", "me@x"],
  ])("%s=%s is refused by name", async (name, value) => {
    await expect(testConfig("", { [name]: value }).config.resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(name),
    });
  });
});

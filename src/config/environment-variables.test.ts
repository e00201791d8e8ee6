import { describe, expect, it } from "vitest";
import { testConfig } from "./test-config.ts";

/** Each variable, a value for it, and what the target has then. */
const variables: readonly (readonly [name: string, value: string, target: Readonly<Record<string, unknown>>])[] = [
  ["OVRD_WEB1_HOST", "10.9.9.9", { host: "10.9.9.9" }],
  ["OVRD_WEB1_PORT", "2022", { port: 2022 }],
  ["OVRD_WEB1_USER", "someone", { user: "someone" }],
  ["OVRD_WEB1_PASS", "one", { password: "one" }],
  ["OVRD_WEB1_KEY", "/keys/own", { identityFiles: [{ path: "/keys/own", explicit: true }] }],
  ["OVRD_WEB1_SUDO_PASS", "two", { sudoPassword: "two" }],
  ["OVRD_WEB1_ENABLE_PASS", "three", { enablePassword: "three" }],
  ["SSH_CONNECT_TIMEOUT", "7", { connectTimeoutMs: 7_000 }],
  ["SSH_COMMAND_TIMEOUT", "8", { commandTimeoutMs: 8_000 }],
  ["SSH_MAX_RETRIES", "9", { retries: 9 }],
  ["SSH_RETRY_DELAY_MS", "11", { retryDelayMs: 11 }],
  ["SSH_COMPRESSION", "true", { compression: true }],
  ["SSH_INACTIVITY_TIMEOUT", "12", { inactivityMs: 12_000 }],
];

/** What ssh_config and the `defaults` of a settings file say of the same. */
const below = {
  ssh: "Host web1\n  HostName 10.1.1.1\n  Port 24\n  User from-ssh\n  IdentityFile /keys/ssh\n  ConnectTimeout 3\n  Compression no\n",
  settings:
    "defaults: { connect_timeout_s: 4, command_timeout_s: 4, retries: 1, retry_delay_ms: 4, compression: false, inactivity_timeout_s: 4 }\n",
};

describe("variables of the environment", () => {
  it.each(variables)(
    "%s goes before the defaults of the file and ssh_config, and is named as the source",
    async (name, value, wanted) => {
      const { config } = testConfig(below.settings, { [name]: value }, below.ssh);
      const target = await config.resolve("web1");
      expect(target).toMatchObject(wanted);
      const [key = ""] = Object.keys(wanted);
      expect(target.origins).toMatchObject({ [key]: name });
      const { config: without } = testConfig(below.settings, {}, below.ssh);
      expect(await without.resolve("web1")).not.toMatchObject(wanted);
    },
  );

  it.each([
    ["OVRD_WEB1_PORT", "70000"],
    ["OVRD_WEB1_HOST", "me@10.0.0.1"],
    ["SSH_CONNECT_TIMEOUT", "soon"],
    ["SSH_MAX_RETRIES", "-1"],
    ["SSH_COMPRESSION", "maybe"],
  ])("%s=%s is refused by its name", async (name, value) => {
    const { config } = testConfig("", { [name]: value });
    await expect(config.resolve("web1")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(name),
    });
  });
});

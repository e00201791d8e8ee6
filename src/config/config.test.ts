import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingsDirectory, testConfig } from "./test-config.ts";

describe("the settings file", () => {
  it("sets everything about a target, each value with its line", async () => {
    const { config, file } = testConfig(
      [
        "# people's notes",
        "targets:",
        "  web1:",
        "    host: 10.0.0.5",
        "    port: 2222",
        "    user: deploy",
        "    key_path: [~/.ssh/a, keys/b]",
        "    certificate: keys/b-cert.pub",
        "    jump: me@b1:23,b2",
        "    description: the first web server",
        "    directory: /srv/app",
        "    env: { MODE: test, PORT: 8080 }",
        "    tags: [web, eu]",
        "    host_keys: accept-new",
        "    legacy: true",
        "    engine: openssh",
        "    x11: untrusted",
        "    x11_display: ':3'",
        "    x11_authority: keys/cookies",
        "    persistent: true",
        "    password: 'a secret'",
        "    sudo_password_command: [pass, show, web1]",
        "    connect_timeout_s: 7.5",
        "    inactivity_timeout_s: 60",
        "    retries: 0",
        "  db2:",
        "defaults:",
        "  user: ops",
        "  command_timeout_s: 90",
      ].join("\n"),
    );
    const target = await config.resolve("web1");
    expect(target).toMatchObject({
      host: "10.0.0.5",
      port: 2222,
      user: "deploy",
      identityFiles: [
        { path: join(homedir(), ".ssh", "a"), explicit: true },
        { path: join(settingsDirectory, "keys", "b"), explicit: true },
      ],
      identitiesOnly: true,
      certificateFiles: [join(settingsDirectory, "keys", "b-cert.pub")],
      jump: ["me@b1:23", "b2"],
      directory: "/srv/app",
      env: { MODE: "test", PORT: "8080" },
      tags: ["web", "eu"],
      hostKeys: "accept-new",
      legacy: true,
      engine: "openssh",
      x11: "untrusted",
      x11Display: ":3",
      x11Authority: join(settingsDirectory, "keys", "cookies"),
      persistent: true,
      password: "a secret",
      sudoPasswordCommand: ["pass", "show", "web1"],
      connectTimeoutMs: 7_500,
      inactivityMs: 60_000,
      commandTimeoutMs: 90_000,
      retries: 0,
    });
    const name = file.slice(settingsDirectory.length + 1);
    expect(target.origins).toMatchObject({
      host: `${name} line 4`,
      identityFiles: `${name} line 7`,
      commandTimeoutMs: `${name} line 29`,
      keepaliveMs: "default",
    });
    expect(await config.resolve("db2")).toMatchObject({ host: "db2", user: "ops", port: 22 });
    expect(await config.targets()).toEqual([
      { alias: "web1", description: "the first web server", tags: ["web", "eu"], source: file },
      { alias: "db2", description: undefined, tags: [], source: file },
    ]);
  });

  it("expands the tokens of its proxy commands, and refuses names that a shell would take apart", async () => {
    const { config } = testConfig(
      "targets:\n  p: { host: 10.0.0.5, port: 23, user: u, proxy_command: 'nc %h %p # %r %n %%' }\n",
    );
    expect(await config.resolve("p")).toMatchObject({ proxyCommand: "nc 10.0.0.5 23 # u p %", jump: [] });
    await expect(config.resolve("a;b@p")).rejects.toMatchObject({ code: "bad_input" });
  });

  it("reads the form with connections, and its notes beside or in info", async () => {
    mkdirSync(join(settingsDirectory, "info"), { recursive: true });
    writeFileSync(join(settingsDirectory, "info", "web.md"), "restart with care\n");
    const { config } = testConfig(
      "connections:\n  web:\n    host: 10.0.0.7\n    user: me\n    key_path: ~/.ssh/k\n    port: 23\n    password: p\n    description: d\n    info_file: web.md\n",
    );
    expect(await config.resolve("web")).toMatchObject({
      host: "10.0.0.7",
      port: 23,
      user: "me",
      password: "p",
      notes: "restart with care\n",
      description: "d",
    });
  });

  it("is laid between the environment and ssh_config; what the call says comes first", async () => {
    const { config } = testConfig(
      "targets:\n  web-1:\n    user: from-file\n    connect_timeout_s: 5\ndefaults:\n  retries: 1\n  compression: false\n",
      {
        OVRD_web_1_HOST: "10.9.9.9",
        OVRD_WEB_1_PASS: "top",
        OVRD_WEB_1_KEY: "~/k",
        SSH_CONNECT_TIMEOUT: "9",
        SSH_MAX_RETRIES: "4",
        SSH_COMPRESSION: "true",
        SSH_COMMAND_TIMEOUT: "30",
      },
      "Host web-1\n  HostName 10.1.1.1\n  User from-ssh\n  Port 24\n  ServerAliveInterval 3\n",
    );
    expect(await config.resolve("web-1", { retries: 7 })).toMatchObject({
      host: "10.9.9.9",
      port: 24,
      user: "from-file",
      password: "top",
      connectTimeoutMs: 5_000,
      retries: 7,
      compression: true,
      commandTimeoutMs: 30_000,
      keepaliveMs: 3_000,
      origins: {
        host: "OVRD_web_1_HOST",
        port: "ssh_config",
        password: "OVRD_WEB_1_PASS",
        identityFiles: "OVRD_WEB_1_KEY",
        retries: "argument",
        compression: "SSH_COMPRESSION",
        commandTimeoutMs: "SSH_COMMAND_TIMEOUT",
      },
    });
    expect(await config.resolve("other")).toMatchObject({ connectTimeoutMs: 9_000, retries: 4 });
  });

  it("a host that is an alias of ssh_config has what that says; an alias in both keeps its own", async () => {
    const ssh = "Host inner\n  HostName 10.2.2.2\n  User in\nHost both\n  User own\n";
    const { config } = testConfig("targets:\n  outer: { host: inner }\n  both: { host: inner }\n", {}, ssh);
    expect(await config.resolve("outer")).toMatchObject({ host: "inner", user: "in" });
    expect(await config.resolve("both")).toMatchObject({ host: "inner", user: "own" });
  });
});

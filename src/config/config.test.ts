import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openConfig, type Config } from "./config.ts";
import type { Environment } from "./environment.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-settings-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

interface Made {
  readonly config: Config;
  readonly file: string;
  readonly write: (text: string) => void;
}

/** Settings with a file of their own, and an ssh_config. */
function make(yaml: string, more: Environment = {}, sshConfig = ""): Made {
  files += 1;
  const file = join(directory, `config-${files}.yaml`);
  const ssh = join(directory, `ssh-${files}`);
  writeFileSync(ssh, sshConfig);
  const write = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
  write(yaml);
  const env = { PATH: process.env["PATH"], HOLDFAST_SSH_CONFIG: ssh, HOLDFAST_CONFIG: file, ...more };
  return { config: openConfig(env), file, write };
}

describe("the settings file", () => {
  it("sets everything about a target, each value with its line", async () => {
    const { config, file } = make(
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
        { path: join(directory, "keys", "b"), explicit: true },
      ],
      identitiesOnly: true,
      certificateFiles: [join(directory, "keys", "b-cert.pub")],
      jump: ["me@b1:23", "b2"],
      directory: "/srv/app",
      env: { MODE: "test", PORT: "8080" },
      tags: ["web", "eu"],
      hostKeys: "accept-new",
      legacy: true,
      engine: "openssh",
      persistent: true,
      password: "a secret",
      sudoPasswordCommand: ["pass", "show", "web1"],
      connectTimeoutMs: 7_500,
      inactivityMs: 60_000,
      commandTimeoutMs: 90_000,
      retries: 0,
    });
    const name = file.slice(directory.length + 1);
    expect(target.origins).toMatchObject({
      host: `${name} line 4`,
      identityFiles: `${name} line 7`,
      commandTimeoutMs: `${name} line 26`,
      keepaliveMs: "default",
    });
    expect(await config.resolve("db2")).toMatchObject({ host: "db2", user: "ops", port: 22 });
    expect(await config.targets()).toEqual([
      { alias: "web1", description: "the first web server", tags: ["web", "eu"], source: file },
      { alias: "db2", description: undefined, tags: [], source: file },
    ]);
  });

  it("expands the tokens of its proxy commands, and refuses names that a shell would take apart", async () => {
    const { config } = make(
      "targets:\n  p: { host: 10.0.0.5, port: 23, user: u, proxy_command: 'nc %h %p # %r %n %%' }\n",
    );
    expect(await config.resolve("p")).toMatchObject({ proxyCommand: "nc 10.0.0.5 23 # u p %", jump: [] });
    await expect(config.resolve("a;b@p")).rejects.toMatchObject({ code: "bad_input" });
  });

  it("reads the form with connections, and its notes beside or in info", async () => {
    mkdirSync(join(directory, "info"), { recursive: true });
    writeFileSync(join(directory, "info", "web.md"), "restart with care\n");
    const { config } = make(
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
    const { config } = make(
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
    const { config } = make("targets:\n  outer: { host: inner }\n  both: { host: inner }\n", {}, ssh);
    expect(await config.resolve("outer")).toMatchObject({ host: "inner", user: "in" });
    expect(await config.resolve("both")).toMatchObject({ host: "inner", user: "own" });
  });

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
    const { config, file } = make(yaml);
    await expect(config.resolve("web1")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    await expect(config.resolve("web1")).rejects.toThrow(file);
  });

  it("never says a value that may be a secret", async () => {
    for (const yaml of ["targets:\n  w: { password: [hunter2] }\n", "targets: {w: {password: 'hunter2}}\n"]) {
      const { config } = make(yaml);
      const error: unknown = await config.resolve("w").catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/config-\d+\.yaml/);
      expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
    }
  });

  it("is refused with secrets when others can read it, and whatever is in it when they can write it", async () => {
    const secret = make("targets:\n  w: { password: x }\n");
    chmodSync(secret.file, 0o640);
    await expect(secret.config.resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("can be read by others"),
      hint: `Run: chmod 600 ${secret.file}`,
    });
    const harmless = make("targets:\n  w: { host: h }\n");
    chmodSync(harmless.file, 0o644);
    expect(await harmless.config.resolve("w")).toMatchObject({ host: "h" });
    chmodSync(harmless.file, 0o666);
    await expect(openConfig({ HOLDFAST_CONFIG: harmless.file }).resolve("w")).rejects.toThrow("written to by others");
  });

  it("is read anew when it changes; a broken one keeps the old and says so once", async () => {
    const { config, write } = make("targets:\n  w: { host: one }\n");
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

  it("one that was named must be there; the usual one need not", async () => {
    const missing = join(directory, "missing.yaml");
    await expect(openConfig({ HOLDFAST_CONFIG: missing }).resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(missing),
    });
    const env = { HOLDFAST_CONFIG_DIR: join(directory, "no"), HOLDFAST_SSH_CONFIG: "/dev/null" };
    expect(await openConfig(env).resolve("w")).toMatchObject({ host: "w" });
  });

  it.each([
    ["SSH_CONNECT_TIMEOUT", "soon"],
    ["SSH_MAX_RETRIES", "1.5"],
    ["SSH_COMPRESSION", "maybe"],
    ["OVRD_W_PORT", "99999"],
    ["OVRD_W_HOST", "me@x"],
  ])("%s=%s is refused by name", async (name, value) => {
    await expect(make("", { [name]: value }).config.resolve("w")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(name),
    });
  });
});

describe("groups and tags", () => {
  it("stand for their targets, each once", async () => {
    const { config } = make(
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

describe("only_configured_targets", () => {
  it("refuses all others, and another place or account of its own", async () => {
    const yaml = "only_configured_targets: true\ntargets:\n  web1: { jump: gate }\n  db1: {}\n";
    const { config } = make(yaml, { OVRD_SECRET_BOX_HOST: "10.0.0.1" }, "Host private\n  HostName 10.0.0.8\n");
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

describe("hide_addresses", () => {
  it("takes addresses and users of resolved targets out of text", async () => {
    const yaml =
      "hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5, user: deploy }\n  six: { host: 'fe80::5' }\n  named: { host: Db.Example.org, user: root }\n";
    const { config } = make(yaml, {}, "Host old\n  HostName 10.7.7.7\n  User olduser\n");
    expect(config.hide("10.0.0.5")).toBe("10.0.0.5");
    await config.resolve("old");
    expect(config.hide("connect ECONNREFUSED 10.0.0.5:22 (deploy@10.0.0.5)")).toBe("connect ECONNREFUSED web1 (web1)");
    expect(config.hide("[fe80::5]:22 fe80::5 db.example.org,DB.EXAMPLE.ORG")).toBe("six six named,named");
    expect(config.hide("/home/deploy olduser@10.7.7.7 root")).toBe("/home/[user] old root");
    expect(config.hide("10.0.0.50 110.0.0.5 redeploy")).toBe("10.0.0.50 110.0.0.5 redeploy");
  });

  it("leaves no address at all in errors", async () => {
    const { config } = make("hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5 }\n");
    await config.resolve("web1");
    expect(config.hideInError("dial_failed: web1 (10.0.0.5:22) refused; ::1 and 192.168.1.7 too, at 12:30:45")).toBe(
      "dial_failed: web1 refused; [address] and [address] too, at 12:30:45",
    );
  });

  it("hides hosts and users on the way to a target", async () => {
    const { config } = make("hide_addresses: true\ntargets:\n  web1: { jump: 'hopper@gate.example:23' }\n");
    await config.resolve("web1");
    await config.resolve("hopper@gate.example:23", {}, true);
    expect(config.hide("via hopper@gate.example:23, /home/hopper")).toBe("via [jump host], /home/[user]");
  });

  it("keeps the aliases of hosts on the way, and of hosts that have several", async () => {
    const yaml = "hide_addresses: true\ntargets:\n  web1: { host: 10.0.0.5 }\n  same: { host: 10.0.0.5 }\n";
    const ssh = "Host gate\n  HostName 10.7.7.7\n  User hopper\nHost inside\n  HostName 10.0.0.9\n  ProxyJump gate\n";
    const { config } = make(yaml, {}, ssh);
    await config.resolve("inside");
    await config.resolve("gate", {}, true);
    expect(config.hideInError("gate (10.7.7.7:23) does not forward to 10.0.0.9:22 for hopper")).toBe(
      "gate does not forward to inside for [user]",
    );
    expect(config.hideInError("same (10.0.0.5:22) refused (twice)")).toBe("same refused (twice)");
  });

  it("leaves text alone where nothing is to be hidden", async () => {
    const { config } = make("targets:\n  web1: { host: 10.0.0.5, user: deploy }\n");
    await config.resolve("web1");
    expect(config.hide("deploy@10.0.0.5")).toBe("deploy@10.0.0.5");
  });
});

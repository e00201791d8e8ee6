import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openConfig } from "./config.ts";
import type { Environment } from "./environment.ts";
import { listConfiguredHosts } from "./ssh-config-reader.ts";
import type { Target, TargetOverrides } from "./target.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-config-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

function resolveTarget(text: string, overrides: TargetOverrides, env: Environment): Promise<Target> {
  return openConfig(env).resolve(text, overrides);
}

/** An environment with an ssh_config of its own; `PATH` decides whether there is an ssh. */
function environment(lines: readonly string[], more: Environment = {}): Environment {
  files += 1;
  const path = join(directory, `config-${files}`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return { PATH: process.env["PATH"], HOLDFAST_SSH_CONFIG: path, HOLDFAST_CONFIG_DIR: join(directory, "own"), ...more };
}

const withoutSsh = { PATH: join(directory, "no-such-directory") };

describe.each([
  ["ssh -G", {}],
  ["our own reader", withoutSsh],
])("a target resolved by %s", (_name, way) => {
  it("an alias with everything set", async () => {
    const env = environment(
      [
        "Host web1 web2",
        "  HostName 10.0.0.5",
        "  Port 2222",
        "  User deploy",
        "  IdentityFile ~/.ssh/%r-%h",
        "  IdentitiesOnly yes",
        "  UserKnownHostsFile ${HF_TEST_DIR}/known ~/k2",
        "  GlobalKnownHostsFile none",
        "  HostKeyAlias the-web",
        "  StrictHostKeyChecking accept-new",
        "  ConnectTimeout 7",
        "  ServerAliveInterval 4",
        "  IdentityAgent ${HF_TEST_DIR}/agent",
      ],
      { HF_TEST_DIR: directory, ...way },
    );
    const target = await resolveTarget("web1", {}, env);
    expect(target).toMatchObject({
      alias: "web1",
      host: "10.0.0.5",
      port: 2222,
      user: "deploy",
      hostKeyAlias: "the-web",
      hostKeys: "accept-new",
      identitiesOnly: true,
      identityFiles: [{ path: join(homedir(), ".ssh", "deploy-10.0.0.5"), explicit: false }],
      knownHostsFiles: [join(directory, "known"), join(homedir(), "k2")],
      ownKnownHostsFile: join(directory, "own", "known_hosts"),
      agentSocket: join(directory, "agent"),
      connectTimeoutMs: 7000,
      keepaliveMs: 4000,
      origins: {
        host: "ssh_config",
        port: "ssh_config",
        user: "ssh_config",
        identityFiles: "ssh_config",
        connectTimeoutMs: "ssh_config",
      },
    });
    expect(Object.isFrozen(target)).toBe(true);
  });

  it("nothing configured", async () => {
    const target = await resolveTarget("example.org", {}, environment([], { SSH_AUTH_SOCK: "/run/agent", ...way }));
    expect(target).toMatchObject({
      host: "example.org",
      port: 22,
      user: userInfo().username,
      hostKeys: "ask",
      identitiesOnly: false,
      agentSocket: "/run/agent",
      connectTimeoutMs: 20_000,
      keepaliveMs: 15_000,
      origins: {
        host: "target text",
        port: "default",
        user: "default",
        identityFiles: "default",
        agentSocket: "SSH_AUTH_SOCK",
      },
    });
    expect(target.identityFiles).toContainEqual({ path: join(homedir(), ".ssh", "id_ed25519"), explicit: false });
    expect(target.knownHostsFiles).toContain(join(homedir(), ".ssh", "known_hosts"));
  });

  it("what the text says goes before ssh_config, what the call says before both", async () => {
    const env = environment(["Host web1", "  User deploy", "  Port 2222"], way);
    expect(await resolveTarget("me@web1:23", {}, env)).toMatchObject({
      user: "me",
      port: 23,
      origins: { user: "target text", port: "target text" },
    });
    const target = await resolveTarget(
      "me@web1:23",
      { user: "root", port: 24, keyFile: "~/k", password: "p", connectTimeoutMs: 5 },
      env,
    );
    expect(target).toMatchObject({
      user: "root",
      port: 24,
      password: "p",
      connectTimeoutMs: 5,
      identitiesOnly: true,
      identityFiles: [{ path: join(homedir(), "k"), explicit: true }],
      origins: { user: "argument", port: "argument", identityFiles: "argument", connectTimeoutMs: "argument" },
    });
  });

  it("an IPv6 address", async () => {
    expect(await resolveTarget("me@[::1]:2022", {}, environment([], way))).toMatchObject({
      host: "::1",
      port: 2022,
      user: "me",
    });
  });

  it("wildcards, negation, the first value, Include", async () => {
    const included = join(directory, `included-${files}`);
    mkdirSync(included, { recursive: true });
    writeFileSync(join(included, "a.conf"), "Host in-a\n  Port 1001\n");
    writeFileSync(join(included, "b.conf"), "Host in-b\n  Port 1002\n");
    const env = environment(
      [`Include ${included}/*.conf`, "Host *.lab !gate.lab", "  Port 1003", "Host *", "  Port 1004", "  User star"],
      way,
    );
    const port = async (name: string): Promise<number> => (await resolveTarget(name, {}, env)).port;
    expect([await port("in-a"), await port("in-b"), await port("x.lab"), await port("gate.lab")]).toEqual([
      1001, 1002, 1003, 1004,
    ]);
  });

  it("the way there: a chain, a command, or none", async () => {
    const env = environment(
      [
        "Host web1",
        "  ProxyJump me@b1:23,[fe80::1]:24",
        "Host web2",
        "  HostName 10.0.0.9",
        "  Port 2222",
        "  ProxyCommand nc %h %p %% %r@%n",
        "  User deploy",
      ],
      way,
    );
    expect(await resolveTarget("web1", {}, env)).toMatchObject({
      jump: ["me@b1:23", "[fe80::1]:24"],
      proxyCommand: undefined,
      origins: { jump: "ssh_config" },
    });
    expect(await resolveTarget("web2", {}, env)).toMatchObject({
      jump: [],
      proxyCommand: "nc 10.0.0.9 2222 % deploy@web2",
      origins: { proxyCommand: "ssh_config" },
    });
    expect(await resolveTarget("web2", { jump: ["b2"] }, env)).toMatchObject({
      jump: ["b2"],
      proxyCommand: undefined,
      origins: { jump: "argument" },
    });
    expect(await resolveTarget("web1", { jump: [] }, env)).toMatchObject({ jump: [] });
  });

  it("a name that a shell would read as more goes into no ProxyCommand", async () => {
    const env = environment(["Host *", "  ProxyCommand nc %h %p"], way);
    for (const text of ["x;id", "$(id)", "a`id`", "u'x@web1"]) {
      await expect(resolveTarget(text, {}, env)).rejects.toMatchObject({ code: "bad_input" });
    }
  });

  it("a variable that is not set", async () => {
    const env = environment(["Host web1", "  IdentityFile ${HF_NOT_SET}/key"], way);
    await expect(resolveTarget("web1", {}, env)).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("HF_NOT_SET"),
    });
  });

  it.each(["-oProxyCommand=touch x", "a b", ""])("%j reaches no command line", async (text) => {
    await expect(resolveTarget(text, {}, environment([], way))).rejects.toMatchObject({ code: "bad_input" });
    await expect(resolveTarget("web1", { user: "-x" }, environment([], way))).rejects.toMatchObject({
      code: "bad_input",
    });
    await expect(resolveTarget("web1", { port: 0.5 }, environment([], way))).rejects.toMatchObject({
      code: "bad_input",
    });
  });
});

describe("with ssh", () => {
  it("a malformed file: ssh's own words, with file and line, on one line", async () => {
    const env = environment(["Host web1", "  Prot 22"]);
    const resolving = resolveTarget("web1", {}, env);
    await expect(resolving).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(
        /^ssh_config cannot be used: [^\n]*config-\d+: line 2: Bad configuration option: prot[^\n]*$/i,
      ),
    });
  });

  it("nothing of a target or user runs in a command of ssh_config", async () => {
    const touched = join(directory, "touched");
    const env = environment(['Match exec "test -n %h%r"', "  Port 77"]);
    expect(await resolveTarget("web1", {}, env)).toMatchObject({ port: 77 });
    for (const [text, overrides] of [
      [`x;touch\${IFS}${touched}`, {}],
      [`$(touch\${IFS}${touched})`, {}],
      [`a;touch\${IFS}${touched};@web1`, {}],
      ["web1", { user: `a;touch ${touched};` }],
      ["web1", { user: `$(touch ${touched})` }],
    ] as const) {
      await expect(resolveTarget(text, overrides, env)).rejects.toMatchObject({ code: "bad_input" });
    }
    expect(existsSync(touched)).toBe(false);
  });

  it("Match is evaluated", async () => {
    expect(await resolveTarget("me@web1", {}, environment(["Match user me", "  Port 77"]))).toMatchObject({ port: 77 });
  });
});

describe("configured hosts", () => {
  it("plain names only, each once, following Include", async () => {
    const extra = join(directory, "extra");
    writeFileSync(extra, "Host from-include\n");
    const hosts = await listConfiguredHosts(
      environment(["Host web1 web2 *.lab", `Include ${extra}`, "Host web1 !x", "Host *", "  User me"]),
    );
    expect(hosts.map(({ alias }) => alias)).toEqual(["web1", "web2", "from-include"]);
    expect(hosts[2]).toMatchObject({ file: extra, line: 1 });
  });

  it("a file that is not there has none; one that includes itself is refused", async () => {
    expect(await listConfiguredHosts({ HOLDFAST_SSH_CONFIG: join(directory, "missing") })).toEqual([]);
    const loop = join(directory, "loop");
    writeFileSync(loop, `Include ${loop}\n`);
    await expect(listConfiguredHosts({ HOLDFAST_SSH_CONFIG: loop })).rejects.toMatchObject({ code: "config_invalid" });
  });
});

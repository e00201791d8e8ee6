import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openConfig, type Config } from "../../src/config/index.ts";
import { createSessionBook } from "../../src/sessions/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { createToolHost, type ToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const cleanup = new Cleanup();
const secrets: string[] = [];
let server: TestServer;
let password = "";
let file = "";
let config: Config;
let host: ToolHost;

async function call(name: string, args: Record<string, unknown>): Promise<string> {
  const { signal } = new AbortController();
  return (await host.call({ name, args, client: "test 1", signal })).text;
}

/** Settings whose targets are all the one server. */
function settings(more: readonly string[] = []): void {
  const there = `host: 127.0.0.1, port: ${server.port}, user: ${server.user}, known_hosts: ${server.knownHostsFile}`;
  const byKey = `${there}, key_path: ${server.keyFile}`;
  const lines = [
    ...more,
    "targets:",
    `  plain: {${byKey}, tags: [all]}`,
    `  set: {${byKey}, directory: /usr/lib, env: {HF_ONE: 1, HF_TWO: "a b"}, notes: mind the gap, tags: [all]}`,
    `  short: {${byKey}, command_timeout_s: 1}`,
    `  asked: {${there}, agent: none, key_path: [], password_command: [printf, '%s\\n', '${password}']}`,
    `  failing: {${there}, password_command: "echo locked >&2; exit 3"}`,
    "",
  ];
  writeFileSync(file, lines.join("\n"), { mode: 0o600 });
}

describe.runIf(canMakeUsers)("targets of a settings file, on a real server", () => {
  beforeAll(async () => {
    const loginUser = await createLoginUser();
    cleanup.add(() => loginUser.remove());
    password = loginUser.password;
    server = await startOpenSsh({ loginUser, config: ["PasswordAuthentication yes"] });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    file = join(place.root, "settings.yaml");
    settings();
    config = openConfig({ ...place.env, PATH: process.env["PATH"], HOLDFAST_CONFIG: file }, (secret) => {
      secrets.push(secret);
    });
    const sessions = createSessionBook({ engine: createSsh2Engine({}), store: createMemoryStore(), config });
    host = createToolHost({ sessions, config });
    cleanup.add(() => sessions.shutdown());
    cleanup.add(async () => void (await call("ssh_close", { all: true })));
  });
  afterAll(() => cleanup.run());

  it("begin where they should, with their environment and notes; the call goes before", async () => {
    expect(await call("ssh_open", { target: "set" })).toMatch(/^open · set · .*\nmind the gap$/);
    expect(await call("ssh_run", { on: "set", command: 'echo "$HF_ONE,$HF_TWO"; pwd' })).toMatch(
      /\n1,a b\n\/usr\/lib\n/,
    );
    await call("ssh_open", { target: "set", name: "other", cwd: "/tmp", env: { HF_ONE: "2" } });
    expect(await call("ssh_run", { on: "other", command: 'echo "$HF_ONE,$HF_TWO"; pwd' })).toMatch(/\n2,a b\n\/tmp\n/);
  });

  it("are named by their tags", async () => {
    const reply = await call("ssh_run", { on: "@all", command: "echo same" });
    expect(reply).toMatch(/plain:/);
    expect(reply).toMatch(/2 targets: 2 exit 0$/);
    expect(await call("ssh_run", { on: "@none", command: "true" })).toMatch(/^target_unknown: .*Known: @all\.$/);
  });

  it("limit commands that name no limit", async () => {
    expect(await call("ssh_run", { on: "short", command: "sleep 60" })).toMatch(/^timed out /);
    expect(await call("ssh_run", { on: "short", command: "sleep 2; echo done", timeout_s: 50 })).toMatch(/\ndone/);
  });

  it("log in with what a command prints, and the redactor hears of it", async () => {
    expect(await call("ssh_run", { on: "asked", command: "echo in" })).toMatch(/^exit 0 .*\nin/);
    expect(secrets).toContain(password);
    const reply = await call("ssh_run", { on: "failing", command: "true" });
    expect(reply).toMatch(
      /^config_invalid: the password_command of failing gave no secret: it ended with 3 \(locked\)\. /,
    );
  });

  it("note a broken file once, and obey a mended one at once", async () => {
    settings(["only_configured_targets: yes"]);
    expect(await call("ssh_run", { on: "plain", command: "echo still" })).toMatch(
      /^exit 0 [^]*\nstill\n\nnote · .*settings\.yaml line 1: only_configured_targets: must be boolean; what it said before/,
    );
    expect(await call("ssh_run", { on: "plain", command: "true" })).not.toContain("note ·");
    expect(await call("ssh_list", { what: "targets" })).toMatch(/\nnote · .*line 1/);
    settings(["only_configured_targets: true", "secrets: {in_calls: refuse}"]);
    expect(await call("ssh_run", { on: "me@127.0.0.1:22", command: "true" })).toMatch(/^denied_by_policy: /);
    expect(await call("ssh_open", { target: "plain", password: "x" })).toMatch(/^denied_by_policy: /);
    expect(await call("ssh_run", { on: "plain", command: "echo fine" })).toMatch(/\nfine/);
  });
});

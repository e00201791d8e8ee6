import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, describe, expect, it } from "vitest";
import { randomHex } from "../../src/base/index.ts";
import { browse } from "../approvals/browser.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import {
  canMakeUsers,
  createLoginUser,
  startOpenSsh,
  type LoginUser,
  type TestServer,
} from "../helpers/servers/index.ts";
import { ProcessWatch, filesWith, recordTraffic, tells } from "./leak-audit.ts";

/** `npm run sudo` runs all of them, and says how often it looked. */
const inFull = process.env["HOLDFAST_SUDO"] === "full";
const commands = inFull ? 20 : 3;

/** Letters that every encoding writes differently. */
const password = `Zq7'"$k\\é&% ${randomHex(6)}`;

interface Scene {
  readonly client: Client;
  readonly server: TestServer;
  readonly place: PrivatePlace;
  readonly user: LoginUser;
  /** All that the client and the server have said to each other. */
  readonly traffic: () => string;
  readonly typed: string[];
}

/** Where what commands print is recorded. */
const recordings = (place: PrivatePlace): string => join(place.root, "recordings");

describe.runIf(canMakeUsers)("a password that a person has typed", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** A client whose person types the password on the page each time that sudo asks. */
  async function scene(): Promise<Scene> {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    spawnSync("chpasswd", { input: `${user.name}:${password}\n` });
    const rules = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rules, `${user.name} ALL=(ALL:ALL) ALL\n`, { mode: 0o440 });
    cleanup.add(() => {
      rmSync(rules);
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    mkdirSync(join(place.root, "config"), { mode: 0o700 });
    const settings = `secrets: { remember: never }\nlogs: { record: true, directory: ${recordings(place)} }\n`;
    writeFileSync(join(place.root, "config", "config.yaml"), settings, { mode: 0o600 });
    cleanup.add(() => stopDaemon(place));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [builtServer],
      env: environmentOf(place),
    });
    const traffic = recordTraffic(transport);
    const client = new Client({ name: "audited", version: "1" }, { capabilities: { elicitation: { url: {} } } });
    cleanup.add(() => client.close());
    const typed: string[] = [];
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      if (params.mode !== "url") throw new Error("asked by a form");
      const page = await browse(params.url);
      const { status } = await page.submit({ field0: password, action: "answer" });
      typed.push(`${status}`);
      return { action: "accept" };
    });
    await client.connect(transport);
    return { client, server, place, user, traffic, typed };
  }

  async function called({ client }: Scene, name: string, args: Readonly<Record<string, unknown>>): Promise<string> {
    const call = { name, arguments: { ...args } };
    const { content } = await client.callTool(call, { timeout: 120_000, onprogress: () => undefined });
    return content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
  }

  const run = (made: Scene, command: string): Promise<string> =>
    called(made, "ssh_run", { on: made.server.alias, command, wait_s: 100 });

  /** Files read, written and copied as root, for which the person has to type twice: what the ticket is good for asks nobody. */
  async function workOnFiles(made: Scene): Promise<void> {
    const { alias: on } = made.server;
    const [path, copied] = ["by-tool", "by-copy"].map((name) => join(made.user.home, name));
    await run(made, "sudo -K");
    expect(await called(made, "ssh_file_write", { on, path, content: "old", sudo: true })).toMatch(/ root root · /);
    const edits = [{ old: "old", new: "new" }];
    expect(await called(made, "ssh_file_edit", { on, path, edits, sudo: true })).toMatch(/^edited · /);
    await run(made, "sudo -K");
    const copy = { from: "package.json", to: `${on}:${copied}`, sudo: true, wait_s: 100 };
    expect(await called(made, "ssh_copy", copy)).toMatch(/^copied · /);
    expect(await run(made, "stat -c %U by-tool by-copy")).toMatch(/\nroot\nroot\n$/);
  }

  /** Wherever it could have been written: homes, sessions and their spools, logs of sshd and the system, state, settings, sockets. */
  function filesThatTell({ user, server, place }: Scene): readonly string[] {
    return [
      ...filesWith(password, [user.home, server.directory, place.root, "/var/log", "/run/sudo", "/var/lib/sudo"]),
      ...filesWith(password, ["/tmp", "/var/tmp", "/dev/shm"], user.uid),
    ];
  }

  it("is in no argument, environment, file, log or message, and the same look finds one that leaks", async () => {
    const made = await scene();
    const { client, server, traffic, typed } = made;
    const watch = await ProcessWatch.start(password);
    for (let n = 0; n < commands; n += 1) {
      expect(await run(made, "sudo -k id -u")).toMatch(/^exit 0 · .*\n0\n$/);
      expect(filesThatTell(made)).toEqual([]);
    }
    await workOnFiles(made);
    const { resources } = await client.listResources();
    for (const { uri } of resources.slice(0, 3)) await client.readResource({ uri });
    await client.callTool({ name: "ssh_list", arguments: { all: true } });
    const seen = await watch.end();
    expect(typed).toEqual(Array.from({ length: commands + 2 }, () => "200"));
    expect(seen.hits).toEqual([]);
    expect(filesThatTell(made)).toEqual([]);
    expect(filesWith("sudo -k id -u", [recordings(made.place)])).not.toEqual([]);
    expect(tells(traffic(), password)).toBe(false);
    if (inFull) process.stdout.write(`${described(seen)}\n`);
    // Each command is a handful of processes: a look that saw none would find nothing.
    expect(seen.seen).toBeGreaterThan(commands * 3);

    const leak = `echo '${password.replaceAll("'", String.raw`'\''`)}' | sudo -S -k -p '' id -u`;
    const planted = await ProcessWatch.start(password);
    // It stays until it has been seen, however busy the machine is.
    const held = `${leak}; n=0; until [ -e seen ] || [ $n -ge 600 ]; do n=$((n+1)); sleep 0.1; done`;
    const leaking = promisify(execFile)("ssh", ["-F", server.sshConfigFile, server.alias, held]);
    await planted.sees("cmdline of bash");
    await planted.sees("cmdline of ssh");
    writeFileSync(join(made.user.home, "seen"), "");
    expect((await leaking).stdout).toBe("0\n");
    expect((await planted.end()).hits.toSorted()).toEqual(["cmdline of bash", "cmdline of ssh"]);
    expect(await run(made, leak)).toMatch(/^exit 0 /);
    expect(tells(traffic(), password)).toBe(true);
    expect(filesThatTell(made)).not.toEqual([]);
    await client.callTool({ name: "ssh_close", arguments: { all: true, force: true } });
  });
});

function described({ looks, tookMs, seen }: { looks: number; tookMs: number; seen: number }): string {
  const perS = Math.round((looks * 1_000) / tookMs);
  return `leak audit: ${commands} commands, ${looks} looks in ${tookMs} ms (${perS} a second), ${seen} processes`;
}

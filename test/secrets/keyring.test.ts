import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Terminal } from "../approvals/terminal.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";

const hasKeyring = spawnSync("gnome-keyring-daemon", ["--version"]).status === 0;

/** Starts a session bus with an unlocked keyring of its own, and gives the bus's address; both end with the input of what started them. */
async function startKeyring(cleanup: Cleanup): Promise<string> {
  const directory = makeTempDir();
  const script =
    'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; echo "at $DBUS_SESSION_BUS_ADDRESS"; cat';
  const bus = spawn("dbus-run-session", ["--", "sh", "-c", script], {
    env: { PATH: process.env["PATH"], HOME: directory.path, XDG_RUNTIME_DIR: directory.path },
    stdio: ["pipe", "pipe", "ignore"],
  });
  cleanup.add(async () => {
    const ended = new Promise((resolve) => bus.once("close", resolve));
    bus.stdin.end();
    await ended;
    directory.remove();
  });
  let said = "";
  bus.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return eventually("the keyring", 60_000, () => /^at (.+)$/m.exec(said)?.[1]);
}

describe.runIf(canMakeUsers && hasKeyring)("a password in the keyring", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  function settings(place: PrivatePlace, text: string): void {
    mkdirSync(join(place.root, "config"), { recursive: true, mode: 0o700 });
    writeFileSync(join(place.root, "config", "config.yaml"), text, { mode: 0o600 });
  }

  async function type(place: PrivatePlace, words: readonly string[], secret: string): Promise<void> {
    const terminal = new Terminal([process.execPath, builtServer, "keyring", "set", ...words], environmentOf(place));
    cleanup.add(() => terminal.close());
    await terminal.shows(/\(not shown\): *$/m);
    terminal.type(secret);
    terminal.press("Enter");
    expect(await terminal.ended()).toBe("0");
    expect(terminal.screen).toMatch(/✔ Kept as /);
    expect(terminal.screen).not.toContain(secret);
  }

  it("opens sudo and the login, is shown to nobody, and can be removed", async () => {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const rules = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rules, `${user.name} ALL=(ALL:ALL) ALL\n`, { mode: 0o440 });
    cleanup.add(() => {
      rmSync(rules);
    });
    const server = await startOpenSsh({ loginUser: user, config: ["PubkeyAuthentication no"] });
    cleanup.add(() => server.stop());
    const made = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => made.remove());
    const place = { ...made, env: { ...made.env, DBUS_SESSION_BUS_ADDRESS: await startKeyring(cleanup) } };
    settings(place, "secrets: { keyring: true }\n");
    await type(place, [server.alias], user.password);
    await type(place, [server.alias, "--for", "sudo"], user.password);
    cleanup.add(() => stopDaemon(place));
    const client = await Holdfast.start(place, { daemon: true });
    cleanup.add(() => client.stop());
    const reply = await client.run(
      server.alias,
      `sudo id -un; echo ${user.password.slice(0, 5)}"${user.password.slice(5)}"`,
    );
    expect(reply.text).toMatch(/^exit 0 · .*\nroot\n\[secret\]\n$/);
    await client.closeSession(server.alias);
    const cli = (...words: readonly string[]) =>
      spawnSync(process.execPath, [builtServer, ...words], { env: environmentOf(place), encoding: "utf8" });
    expect(cli("doctor").stdout).toMatch(/^✔ keyring +asked for passwords/m);
    expect(cli("keyring", "remove", server.alias).stdout).toMatch(/^✔ Removed: login /);
    expect(cli("keyring", "remove", server.alias).stdout).toMatch(/^· Nothing was kept as login /);
    expect(cli("keyring", "get", server.alias)).toMatchObject({ status: 2, stderr: expect.stringMatching(/neither/) });
  });

  it("is told of where it cannot be used", async () => {
    const place = await createPrivatePlace("/dev/null");
    cleanup.add(() => place.remove());
    settings(place, `secrets: { keyring: ${place.root} }\n`);
    const doctor = spawnSync(process.execPath, [builtServer, "doctor"], {
      env: environmentOf(place),
      encoding: "utf8",
    });
    expect(doctor.stdout).toMatch(
      /^✘ keyring +@napi-rs\/keyring cannot be loaded in .*\n +→ npm install -g @napi-rs\/keyring@2/m,
    );
  });
});

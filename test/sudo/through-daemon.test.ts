import { mkdirSync, rmSync, appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, type LoginUser } from "../helpers/servers/index.ts";
import { Terminal } from "../approvals/terminal.ts";

interface Scene {
  readonly client: Holdfast;
  readonly on: string;
  readonly place: PrivatePlace;
  readonly user: LoginUser;
}

describe.runIf(canMakeUsers)("a command that says sudo", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** A user who has a password and may do anything with it, on a server that a client knows. */
  async function scene(rule = "timestamp_timeout=0", settings?: string): Promise<Scene> {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const rules = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rules, `Defaults:${user.name} ${rule}\n${user.name} ALL=(ALL:ALL) ALL\n`, {
      mode: 0o440,
    });
    cleanup.add(() => {
      rmSync(rules);
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    if (settings !== undefined) {
      mkdirSync(join(place.root, "config"), { recursive: true, mode: 0o700 });
      // Behind what may be there already: under the audit of hidden addresses, that they are.
      appendFileSync(join(place.root, "config", "config.yaml"), settings, { mode: 0o600 });
    }
    cleanup.add(() => stopDaemon(place));
    const client = await Holdfast.start(place, { daemon: true });
    cleanup.add(() => client.stop());
    return { client, on: server.alias, place, user };
  }

  it("waits for a person across calls and the death of the daemon, and is then free for a while", async () => {
    const { client, on, place, user } = await scene();
    const first = await client.run(on, "echo begun; sudo id -un", { wait_s: 2 });
    expect(first.text).toMatch(
      /^waiting for a person · .* · sudo asks: \[sudo\] password for \S+: · next: ssh_read \{/,
    );
    expect(first.text).toMatch(/\nbegun\n$/);

    const pid = await daemonPid(place);
    process.kill(pid, "SIGKILL");
    await eventually("the daemon to be gone", 60_000, () => (isAlive(pid) ? undefined : true));
    const reply = client.call("ssh_read", { command: `${on}/1`, wait_s: 90 });
    const terminal = new Terminal([process.execPath, builtServer, "answer", "--wait"], environmentOf(place));
    cleanup.add(() => terminal.close());
    await terminal.shows(
      /password for sudo on [^]*It runs +\/usr\/bin\/sudo -A id -un[^]*password for \S+ \(not shown\): *$/m,
    );
    terminal.type(user.password);
    terminal.press("Enter");
    expect((await reply).text).toMatch(/^exit 0 · .*\nbegun\nroot\n$/);

    const again = await client.run(on, `(sudo id -un; echo ${user.password.slice(0, 5)}"${user.password.slice(5)}")`);
    expect(again.text).toMatch(/^exit 0 · .*\nroot\n\[secret\]\n$/);
    const whole = await client.run(on, "id -un", { sudo: true });
    expect(whole.text).toMatch(/^exit 0 · .*\nroot\n$/);
    await client.closeSession(on);
  });

  it("asks nobody after the death of the daemon while its ticket is good, where nothing is remembered", async () => {
    const { client, on, place, user } = await scene("timestamp_timeout=5", "secrets: { remember: never }\n");
    const first = client.run(on, "sudo id -un", { wait_s: 90 });
    const terminal = new Terminal([process.execPath, builtServer, "answer", "--wait"], environmentOf(place));
    cleanup.add(() => terminal.close());
    await terminal.shows(/password for \S+ \(not shown\): *$/m);
    terminal.type(user.password);
    terminal.press("Enter");
    expect((await first).text).toMatch(/^exit 0 · .*\nroot\n$/);

    const pid = await daemonPid(place);
    process.kill(pid, "SIGKILL");
    await eventually("the daemon to be gone", 60_000, () => (isAlive(pid) ? undefined : true));
    const again = await client.run(on, "sudo id -un; (sudo id -un); sh -c 'sudo id -un; :'", { wait_s: 60 });
    expect(again.text).toMatch(/^exit 0 · .*\nroot\nroot\nroot\n$/);
    const afresh = await client.run(on, "sudo -k id -un", { wait_s: 2 });
    expect(afresh.text).toMatch(/^waiting for a person · /);
    await client.call("ssh_stop", { command: `${on}/3` });
    await client.closeSession(on);
  });

  it("takes the password that a call has given, and shows it to nobody", async () => {
    const { client, on, user } = await scene();
    await client.call("ssh_open", { target: on, sudo_password: user.password });
    const reply = await client.run(on, 'sudo id -un; sudo -k -p "$(printf 1)" id -un', { wait_s: 60 });
    expect(reply.text).toMatch(/^exit 0 · .*\nroot\nroot\n$/);
    expect((await client.run(on, `echo ${user.password.slice(0, 5)}"${user.password.slice(5)}"`)).text).toMatch(
      /\n\[secret\]\n$/,
    );
    await client.closeSession(on);
  });
});

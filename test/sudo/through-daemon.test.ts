import { rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh } from "../helpers/servers/index.ts";
import { Terminal } from "../approvals/terminal.ts";

describe.runIf(canMakeUsers)("a command that says sudo", () => {
  const cleanup = new Cleanup();
  afterAll(() => cleanup.run());

  it("waits for a person across calls and the death of the daemon, and is then free for a while", async () => {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const rules = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rules, `Defaults:${user.name} timestamp_timeout=0\n${user.name} ALL=(ALL:ALL) ALL\n`, {
      mode: 0o440,
    });
    cleanup.add(() => {
      rmSync(rules);
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    cleanup.add(() => stopDaemon(place));
    const client = await Holdfast.start(place, { daemon: true });
    cleanup.add(() => client.stop());
    const on = server.alias;

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
});

import { afterAll, describe, expect, it } from "vitest";
import { Terminal } from "../approvals/terminal.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, environmentOf, isAlive, stopDaemon } from "../helpers/daemon.ts";
import { eventually } from "../helpers/eventually.ts";
import { Holdfast, builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh } from "../helpers/servers/index.ts";

describe.runIf(canMakeUsers)("su on a terminal", () => {
  const cleanup = new Cleanup();
  afterAll(() => cleanup.run());

  it("waits for a person across calls and the death of the daemon", async () => {
    const user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    cleanup.add(() => stopDaemon(place));
    const client = await Holdfast.start(place, { daemon: true });
    cleanup.add(() => client.stop());
    const on = server.alias;

    const first = await client.run(on, `su ${user.name} -c 'id -un'; echo over`, { pty: true, wait_s: 3 });
    const asked = await client.call("ssh_read", { command: `${on}/1`, until: "output", from: 1_000_000, wait_s: 2 });
    expect(`${first.text}\n${asked.text}`).toMatch(/^waiting for a person · .* · su asks: Password:/m);

    const pid = await daemonPid(place);
    process.kill(pid, "SIGKILL");
    await eventually("the daemon to be gone", 60_000, () => (isAlive(pid) ? undefined : true));
    const reply = client.call("ssh_read", { command: `${on}/1`, wait_s: 90 });
    const terminal = new Terminal([process.execPath, builtServer, "answer", "--wait"], environmentOf(place));
    cleanup.add(() => terminal.close());
    await terminal.shows(/password for su on [^]*It runs +su \S+ -c 'id -un'[^]*\(not shown\): *$/m);
    terminal.type(user.password);
    terminal.press("Enter");
    const { text } = await reply;
    expect(text).toMatch(new RegExp(`^exit 0 · .*\\nPassword: \\n${user.name}\\nover\\n$`));
    await client.closeSession(on);
  });
});

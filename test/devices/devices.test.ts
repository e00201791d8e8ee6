import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { builtServer, Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { startEmulated, type EmulatedDevice, type RunningDevice } from "./emulated.ts";
import { startFrr, type FrrHosts } from "./frr.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

async function serverFor(host: TestServer): Promise<Holdfast> {
  return (await placeFor(host)).server;
}

async function placeFor(host: TestServer): Promise<{ readonly server: Holdfast; readonly place: PrivatePlace }> {
  const place = await createPrivatePlace(host.sshConfigFile);
  cleanup.add(() => place.remove());
  const server = await Holdfast.start(place);
  cleanup.add(() => server.stop());
  return { server, place };
}

async function device(about: EmulatedDevice): Promise<RunningDevice & { readonly server: Holdfast }> {
  const running = await startEmulated(cleanup, about);
  return { ...running, server: await serverFor(running.host) };
}

describe("a router's command lines (FRRouting)", () => {
  let frr: FrrHosts;
  beforeAll(async () => {
    frr = await startFrr(cleanup);
  });

  it("is found out where nobody says what it is, and runs commands one by one until the first error", async () => {
    const { server, place } = await placeFor(frr.vtysh);
    const opened = await server.call("ssh_open", { target: frr.vtysh.alias, name: "r1" });
    expect(opened.text).toMatch(/^open · r1 · .* · FRRouting .* · survives disconnects: no \(a network device/);
    const version = await server.run("r1", "show version");
    expect(version.state).toBe("done");
    expect(version.stdout).toMatch(/^FRRouting \d[^]*configured with:\n {4}'--build/);
    expect(version.stdout).not.toMatch(/[#>]\s*$/);
    const lines = ["configure terminal", "interface dummy3", "description hello", "bogus line", "exit"];
    const batch = await server.run("r1", lines.join("\n"));
    expect(batch.state).toBe("error");
    expect(batch.notes).toContain("line 5 was not sent");
    expect(batch.notes).toContain("line 4 of 5: % Unknown command: bogus line");
    expect(batch.firstLine).toContain("(config-if)# · ");
    expect((await server.run("r1", "end")).state).toBe("done");
    const aside = await server.call("ssh_run", { on: "r1", command: "show version", background: true });
    const read = await server.call("ssh_read", { command: aside.id, wait_s: 60 });
    expect(read).toMatchObject({ state: "done", stdout: version.stdout });
    const again = await server.call("ssh_open", { target: frr.vtysh.alias, name: "r2" });
    expect(again.firstLine).toContain("its host key, which was that of frr_vtysh before");
    const env = { ...process.env, ...place.env };
    const doctor = await promisify(execFile)(process.execPath, [builtServer, "doctor", "--platform", "frr_vtysh"], {
      env,
    });
    expect(doctor.stdout).toMatch(/· found on +\S+@127\.0\.0\.1:\d+, key SHA256:/);
  });

  it("asks for its line's password, pages, and has an enable password", async () => {
    const server = await serverFor(frr.zebra);
    const { linePassword: password, enablePassword: enable_password } = frr;
    const opened = await server.call("ssh_open", {
      target: frr.zebra.alias,
      name: "z",
      kind: "device",
      password,
      enable_password,
    });
    expect(opened.state).toBe("open");
    const shown = await server.run("z", "show running-config");
    expect(shown.firstLine).toContain(" · z:r1# · ");
    expect(shown.stdout).toContain("interface dummy39\n description link 39");
    expect(shown.stdout).not.toContain("More");
    expect(shown.text).not.toContain(enable_password);
  });
});

describe("a device that asks (in the shape of IOS)", () => {
  let ios: Awaited<ReturnType<typeof device>>;
  beforeAll(async () => {
    ios = await device({ family: "ios", host: "sw1", enable: "sesame" });
  });

  it("hands its question to the agent, whose answer is typed", async () => {
    const { server, host } = ios;
    await server.call("ssh_open", {
      target: host.alias,
      name: "sw1",
      platform: "cisco_ios",
      enable_password: "sesame",
    });
    const asked = await server.run("sw1", "clear counters");
    expect(asked.state).toBe("waiting for input");
    expect(asked.text).toContain('it asks: Clear "show interface" counters on all interfaces [confirm]');
    const answered = await server.call("ssh_input", { command: asked.id, text: "\n" });
    expect(answered.state).toBe("done");
    expect((await server.run("sw1", "show version")).stdout).toContain("sw1 uptime is 1 week");
  });

  it("tries a wrong enable password once, and goes on without", async () => {
    const { server, host, typed } = ios;
    const secrets = (): number => typed().filter((line) => line === "secret open").length;
    const opened = await server.call("ssh_open", {
      target: host.alias,
      name: "sw2",
      platform: "cisco_ios",
      enable_password: "open",
    });
    expect(opened.text).toMatch(/^open · sw2 .*\nenable: its password was refused; it was tried once/);
    expect(secrets()).toBe(1);
    expect((await server.run("sw2", "show version")).firstLine).toContain(" · sw2:sw1> · ");
    const again = await server.run("sw2", "enable");
    expect(again.state).toBe("error");
    expect(secrets()).toBeLessThanOrEqual(2);
    expect((await server.run("sw2", "show version")).state).toBe("done");
  });
});

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOpenSsh, waitUntil, type TestServer } from "../helpers/servers/index.ts";
import { builtServer, makePlace, type Place } from "../mcp/connect.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `holdfast` to its end, without a terminal. */
function holdfast(place: Place, args: readonly string[], stdin = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [builtServer, ...args], { env: place.env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

describe("holdfast without a host", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePlace();
  });
  afterAll(async () => {
    await place.remove();
  });

  it("says its version and helps", async () => {
    expect(await holdfast(place, ["--version"])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
    const help = await holdfast(place, ["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const name of ["serve", "call", "ls", "trust", "doctor", "close"]) {
      expect(help.stdout).toContain(`holdfast ${name}`);
      expect(await holdfast(place, [name, "--help"])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^Usage: holdfast ${name} `)),
      });
      expect((await holdfast(place, ["help", name])).stdout).toMatch(new RegExp(`^Usage: holdfast ${name} `));
    }
  });

  it.each([
    [["cal"], /did you mean "holdfast call"\?/],
    [["frobnicate"], /there is no command "frobnicate"/],
    [["call", "ssh_rum"], /did you mean ssh_run\?/],
    [["call", "ssh_run", "{bad"], /the arguments are no JSON/],
    [["call", "ssh_run", "{}", "x"], /"x" is too much/],
    [["trust"], /something is missing/],
    [["close"], /name a session, or say --all/],
    [["close", "a", "--all"], /name a session, or say --all/],
    [["ls", "tunnels"], /not "tunnels"/],
    [["--frob"], /Unknown option/],
  ])("refuses %j as a wrong command line", async (args, message) => {
    expect(await holdfast(place, args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
  });

  it("calls a tool, with arguments from the line or from standard input", async () => {
    const refused = 'bad_input: ssh_list does not know "wat". Known: what, session, state, owner, limit.\n';
    expect(await holdfast(place, ["call", "ssh_list", '{"wat":1}'])).toEqual({ code: 1, stdout: refused, stderr: "" });
    expect(await holdfast(place, ["call", "ssh_list", "-"], '{"wat":1}')).toEqual({
      code: 1,
      stdout: refused,
      stderr: "",
    });
    expect(await holdfast(place, ["call", "ssh_list"])).toEqual({
      code: 0,
      stdout: "0 sessions · ssh_run opens one\n",
      stderr: "",
    });
    expect((await holdfast(place, ["call"])).stdout).toContain("ssh_run");
  });

  it("lists, closes and looks this machine over", async () => {
    expect(await holdfast(place, ["ls"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 sessions/) });
    expect(await holdfast(place, ["close", "nope"])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^session_unknown: /),
    });
    const doctor = await holdfast(place, ["doctor"]);
    expect(doctor.stdout).toMatch(/^✔ Node +v\d/);
    expect(doctor.stdout).toMatch(/state directory/);
    expect(doctor.code).toBe(doctor.stdout.includes("✘") ? 1 : 0);
  });

  it("shows what a platform file says, tries it on a line, and says what is wrong with one", async () => {
    const known = await holdfast(place, ["doctor", "--platform", "cisco_xe", "--prompt", "router(config-if)#"]);
    expect(known.stdout).toMatch(/^✔ cisco_ios: Cisco IOS and IOS-XE \(built in\)\n/);
    expect(known.stdout).toMatch(
      /✔ router\(config-if\)# +a prompt of "router", mode config \(config\), at "config-if"\n/,
    );
    expect(known.code).toBe(0);
    const output = await holdfast(place, ["doctor", "--platform", "cisco_ios", "--prompt", "Interface is up"]);
    expect(output).toMatchObject({ code: 1, stdout: expect.stringContaining("✘ Interface is up") });
    const file = join(place.env["HOLDFAST_CONFIG_DIR"] ?? "", "..", "mine.yaml");
    const modes = (prompt: string): string =>
      `name: mine\ntitle: Mine\nmodes: [{ name: user, kind: user, prompt: '${prompt}' }]\n`;
    writeFileSync(file, modes("^(?:x+)+>$"), { mode: 0o600 });
    expect(await holdfast(place, ["doctor", "--platform", file])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^config_invalid: .*mine\.yaml: modes\.0\.prompt: it could take too long/),
    });
    writeFileSync(file, modes("^{host}>$"), { mode: 0o600 });
    expect(await holdfast(place, ["doctor", "--platform", file, "--prompt", "sw1>"])).toMatchObject({ code: 0 });
    expect(await holdfast(place, ["doctor", "--platform", "ciso_ios"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^bad_input: there is no platform "ciso_ios"\. Known: .*cisco_ios/),
    });
    expect(await holdfast(place, ["doctor", "--prompt", "sw1>"])).toMatchObject({ code: 2 });
  });

  it("takes another settings file with --config, for every command, and says what is wrong with one", async () => {
    const file = join(place.env["HOLDFAST_CONFIG_DIR"] ?? "", "..", "other.yaml");
    const write = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
    write("targets:\n  web9:\n    host: 127.0.0.1\n    port: 1\n    password: hunter2\n    tags: [web]\n");
    const list = await holdfast(place, ["--config", file, "ls", "targets"]);
    expect(list.stdout).toBe(`1 target\nweb9 · @web · ${file}\n`);
    const doctor = await holdfast(place, ["doctor", "web9", `--config=${file}`]);
    expect(doctor.stdout).toMatch(/✔ settings +.*other\.yaml: 1 target\n/);
    expect(doctor.stdout).toMatch(/· host +127\.0\.0\.1 {2}\(other\.yaml line 3\)\n/);
    expect(doctor.stdout).toMatch(/· password +set {2}\(other\.yaml line 5\)\n/);
    expect(doctor.stdout).not.toContain("hunter2");
    write("targets:\n  web9: {hots: x}\n");
    const broken = await holdfast(place, ["--config", file, "doctor"]);
    expect(broken).toMatchObject({ code: 1, stderr: "" });
    expect(broken.stdout).toMatch(/✘ settings +.*other\.yaml line 2: targets\.web9: unknown key "hots"\n +→ Known: /);
    expect(await holdfast(place, ["ls", "--config"])).toMatchObject({
      code: 2,
      stderr: "holdfast: --config needs the name of a file\n",
    });
  });

  it("says what is wrong with a target, and what to do", async () => {
    const doctor = await holdfast(place, ["doctor", "someone@127.0.0.1:1"]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/· port +1 {2}\(target text\)/);
    expect(doctor.stdout).toMatch(/✘ connect +dial_failed: .*\. .*\.\n/);
    expect(await holdfast(place, ["trust", "127.0.0.1:1"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^dial_failed: /),
    });
  });
});

describe("holdfast with a host", () => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startOpenSsh();
    place = await makePlace(server.sshConfigFile);
  });
  afterAll(async () => {
    await holdfast(place, ["close", "--all"]);
    await server.stop();
    await place.remove();
  });

  it("finds a target healthy and leaves nothing behind", async () => {
    const doctor = await holdfast(place, ["doctor", "box"]);
    expect(doctor.stdout).toMatch(/✔ connect .*\n✔ host key .*\n✔ login .*\n✔ session .*survives disconnects: yes\n/);
    expect(doctor.stdout).not.toContain("✘");
    expect(doctor.code).toBe(0);
    expect((await holdfast(place, ["ls"])).stdout).toMatch(/^0 sessions/);
  });

  it("runs a command in one process and reads it in another", async () => {
    const first = await holdfast(place, [
      "call",
      "ssh_run",
      '{"on":"box","command":"echo one; sleep 1; echo two","wait_s":0}',
    ]);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^running · .* · box\/1 · next: ssh_read /) });
    const second = await holdfast(place, ["call", "ssh_read", '{"command":"box/1","wait_s":60}']);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/^exit 0 · .* · box\/1\none\ntwo\n$/) });
    expect((await holdfast(place, ["ls"])).stdout).toMatch(/^1 session\nbox · /);
    expect((await holdfast(place, ["ls", "commands"])).stdout).toMatch(/^1 command\nbox\/1 · exit 0 · /);
  });

  it("detaches at Ctrl+C: the command goes on", async () => {
    const begun = join(place.env["HOLDFAST_CONFIG_DIR"] ?? "", "..", "begun");
    const args = { on: "box", command: `: >'${begun}'; sleep 3; echo finished`, wait_s: 600 };
    const child = spawn(process.execPath, [builtServer, "call", "ssh_run", JSON.stringify(args)], { env: place.env });
    const output = readAll(child.stdout);
    const read = (waitS: number): Promise<Outcome> =>
      holdfast(place, ["call", "ssh_read", JSON.stringify({ command: "box/2", wait_s: waitS })]);
    // Not by a look at the session: whoever looks takes it over, perhaps before the host has confirmed the command.
    await waitUntil("the command to run", () => existsSync(begun), 60_000);
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    const reply = await output;
    expect(code).toBe(0);
    expect(reply).toMatch(/^running · [^·]* · [^·]* · box\/2 · next: ssh_read /);
    expect((await read(60)).stdout).toMatch(/^exit 0 .*\nfinished\n$/);
  });

  it("asks no password_command for a look at the host key", async () => {
    const stranger = await makePlace();
    try {
      const directory = join(stranger.env["HOLDFAST_CONFIG_DIR"] ?? "", "..");
      const [file, ran] = [join(directory, "asking.yaml"), join(directory, "ran")];
      const target = `{host: 127.0.0.1, port: ${server.port}, password_command: [touch, ${JSON.stringify(ran)}]}`;
      writeFileSync(file, `targets:\n  asking: ${target}\n`, { mode: 0o600 });
      expect((await holdfast(stranger, ["--config", file, "trust", "asking", "--yes"])).code).toBe(0);
      expect(existsSync(ran)).toBe(false);
      expect((await holdfast(stranger, ["--config", file, "call", "ssh_open", '{"target":"asking"}'])).stdout).toMatch(
        /^config_invalid: the password_command of asking /,
      );
      expect(existsSync(ran)).toBe(true);
    } finally {
      await stranger.remove();
    }
  });

  it("trusts a host key only when told so, and connects then", async () => {
    const stranger = await makePlace();
    try {
      const target = `${server.user}@127.0.0.1:${server.port}`;
      const refused = await holdfast(stranger, ["call", "ssh_run", JSON.stringify({ on: target, command: "true" })]);
      expect(refused).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^host_key_unknown: .*SHA256:.*holdfast trust /),
      });
      const doctor = await holdfast(stranger, ["doctor", target]);
      expect(doctor.stdout).toMatch(/✔ connect .*\n✘ host key +host_key_unknown: /);
      const asked = await holdfast(stranger, ["trust", target]);
      expect(asked).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/SHA256:/),
        stderr: expect.stringMatching(/--yes/),
      });
      expect(await holdfast(stranger, ["trust", target, "--yes"])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/✔ Remembered in .*known_hosts\n$/),
      });
      expect(await holdfast(stranger, ["trust", target])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/✔ This key is known already\.\n$/),
      });
      expect((await holdfast(stranger, ["call", "ssh_open", JSON.stringify({ target })])).stdout).not.toMatch(
        /host_key/,
      );
    } finally {
      await stranger.remove();
    }
  });
});

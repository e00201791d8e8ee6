import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { builtServer } from "../helpers/holdfast.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { hasScreen } from "./screen.ts";
import { openX11Place, type X11Place } from "./x11-place.ts";

/** What `holdfast doctor box` says, started like the server. */
async function doctor({ env }: X11Place): Promise<string> {
  const run = promisify(execFile)(process.execPath, [builtServer, "doctor", "box"], { env, timeout: 60_000 });
  return (await run.catch((error: unknown) => ({ stdout: String(Reflect.get(Object(error), "stdout")) }))).stdout;
}

describe.runIf(canMakeUsers && hasScreen)("sudo asks on the screen of a person", () => {
  let place: X11Place | undefined;
  afterEach(async () => {
    await place?.cleanup.run();
    place = undefined;
  });

  it.each(["untrusted", "trusted"] as const)("by the host's ssh-askpass, %s", async (x11) => {
    place = await openX11Place({ x11, named: x11 === "trusted" });
    const { client, screen, user } = place;
    const reply = client.run("box", "sudo id -u; sudo -k id -un", { wait_s: 90 });
    await screen.answer(user.password);
    expect((await reply).text).toMatch(/^exit 0 · .*\n0\nroot\n$/);
    expect(await screen.windows()).toEqual([]);
    // What was typed is a known secret, and nothing of the dialog stays.
    const half = `${user.password.slice(0, 5)}'${user.password.slice(5)}'`;
    const after = await client.run("box", `echo ${half}; ls \${SUDO_ASKPASS%/bin/ask} | grep -c '^xa'; xauth list`);
    expect(after.text).toMatch(/^exit 0 · .*\n\[secret\]\n0\n$/);
    expect(await doctor(place)).toMatch(new RegExp(`✔ display +:\\d+ lets ${x11} programs of the host in`));
  });

  it("also where the system's ssh speaks to the host", async () => {
    place = await openX11Place({ x11: "untrusted", more: ["engine: openssh"], server: ["X11Forwarding no"] });
    const { client, screen, user } = place;
    const reply = client.run("box", "sudo id -u", { wait_s: 90 });
    await screen.answer(user.password);
    expect((await reply).text).toMatch(/^exit 0 · .*\n0\n$/);
    const program = await client.run("box", "with-x11 xdpyinfo | head -n 1", { wait_s: 60 });
    expect(program.text).toMatch(/^exit 0 · [^]*\nname of display: +127\.0\.0\.1:\d+\.0\n$/);
  });

  it("and so does su, on a terminal", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen, user } = place;
    const reply = client.run("box", `su ${user.name} -c 'id -un'`, { pty: true, wait_s: 90 });
    await screen.answer(user.password);
    expect((await reply).text).toMatch(new RegExp(`^exit 0 · [^]*\\n${user.name}\\s`));
  });

  it("again after a wrong answer, and takes Escape for a no", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen, user } = place;
    const wrong = client.run("box", "sudo id -un", { wait_s: 90 });
    await screen.answer("not it");
    await waitUntil("the first dialog has gone", async () => (await screen.windows()).length === 0, 60_000);
    await screen.answer(user.password);
    expect((await wrong).text).toMatch(/^exit 0 · [^]*\nroot\n/);
    const other = client.run("box", "sudo -p 'Code: ' id -un", { wait_s: 90 });
    await screen.answer("", "Escape");
    const { text } = await other;
    expect(text).toMatch(/^exit 1 · [^]*a person did not give the sudo password/);
    expect(text).not.toContain("by X11");
  });

  it("where other programs of the host hear nothing of it", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen, user } = place;
    const reply = client.run("box", "sudo id -un", { wait_s: 90 });
    await waitUntil("a dialog shows", async () => (await screen.windows()).length > 0, 60_000);
    const [window = ""] = await screen.windows();
    await client.run("box", `with-x11 stdbuf -o0 xev -id ${window}`, { background: true, wait_s: 0 });
    const heard = async (): Promise<string> => (await client.call("ssh_read", { command: "box/2", wait_s: 0 })).text;
    let moves = 0;
    await waitUntil("the spy hears something", async () => {
      await screen.run("xdotool", ["windowmove", window, `${(moves += 1)}`, "0"]);
      return (await heard()).includes("ConfigureNotify");
    });
    await screen.answer(user.password);
    expect((await reply).text).toMatch(/^exit 0 · [^]*\nroot\n/);
    await waitUntil("the spy hears the end", async () => (await heard()).includes("DestroyNotify"));
    expect(await heard()).not.toContain("KeyPress");
    await client.call("ssh_stop", { command: "box/2", signal: "TERM" });
  });

  it("and the question goes with the command", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen } = place;
    const running = await client.run("box", "sudo id -un", { wait_s: 2 });
    expect(running.text).toMatch(/^waiting for a person/);
    await waitUntil("a dialog shows", async () => (await screen.windows()).length > 0, 60_000);
    await client.call("ssh_stop", { command: "box/1", signal: "TERM" });
    await waitUntil("the dialog has gone", async () => (await screen.windows()).length === 0, 60_000);
  });

  it.each([
    ["where nobody said so", {}, undefined],
    ["where the server refuses", { x11: "untrusted", server: ["X11Forwarding no"] }, "the server forwards no X11"],
    [
      "where the screen cannot keep programs apart",
      { x11: "untrusted", screen: ["-extension", "SECURITY"] },
      "has no SECURITY extension",
    ],
    [
      "where the server forwards nothing to the system's ssh",
      { x11: "trusted", more: ["engine: openssh"], server: ["DisableForwarding yes"] },
      "refused to listen",
    ],
  ] as const)("but not %s: then sudo fails at once, and says why", async (_name, options, why) => {
    place = await openX11Place(options);
    const { client, screen } = place;
    const { text } = await client.run("box", "sudo id -un", { wait_s: 90 });
    expect(text).toMatch(/^exit 1 · [^]*nobody gave the sudo password/);
    if (why === undefined) expect(text).not.toContain("X11");
    else expect(text).toContain(`no dialog by X11: `);
    expect(text).toContain(why ?? "");
    if (why?.includes("SECURITY") === true) expect(await doctor(place)).toMatch(/✘ display +unsupported: .* SECURITY/);
    expect(await screen.windows()).toEqual([]);
    expect((await client.run("box", "id -un")).text).toMatch(/^exit 0/);
  });
});

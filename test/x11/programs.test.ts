import { afterEach, describe, expect, it } from "vitest";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { hasScreen, type Screen } from "./screen.ts";
import { openX11Place, type X11Place } from "./x11-place.ts";

/** A window of somebody else, who has the keyboard: gives what it has heard. */
async function otherWindow(screen: Screen): Promise<() => string> {
  let heard = "";
  screen.start("xev", ["-geometry", "200x100+500+400"], (text) => (heard += text));
  await waitUntil("the other window", async () => (await screen.windows()).length === 1);
  await screen.run("xdotool", ["mousemove", "600", "450"]);
  await screen.run("xdotool", ["key", "q"]);
  await waitUntil("the other window has the keyboard", () => heard.includes(", q)"));
  return () => heard;
}

describe.runIf(canMakeUsers && hasScreen)("programs of a host show windows on the screen of a person", () => {
  let place: X11Place | undefined;
  afterEach(async () => {
    await place?.cleanup.run();
    place = undefined;
  });

  async function shows(screen: Screen, windows: number): Promise<void> {
    await waitUntil(`${windows} windows`, async () => (await screen.windows()).length === windows, 60_000);
  }

  it.each(["untrusted", "trusted"] as const)("%s: they see and do what they may", async (x11) => {
    place = await openX11Place({ x11 });
    const { client, screen } = place;
    const opened = await client.call("ssh_open", { target: "box" });
    expect(opened.text).toMatch(/^open · box · .*\nwith-x11 <program> shows/);
    const heard = await otherWindow(screen);
    await client.run("box", "with-x11 xclock", { background: true, wait_s: 0 });
    await shows(screen, 2);
    const picture = await client.run("box", "with-x11 xwd -silent -root | wc -c", { wait_s: 60 });
    const type = "with-x11 xdotool key a; with-x11 xdotool search --onlyvisible --name . key --window %@ b";
    const typing = await client.run("box", `${type}; with-x11 xdpyinfo | grep -A99 extensions:`, { wait_s: 60 });
    await screen.run("xdotool", ["key", "z"]);
    await waitUntil("what is typed last has come", () => heard().includes(", z)"));
    const fromHost = ["a", "b"].filter((key) => heard().includes(`, ${key})`));
    if (x11 === "trusted") {
      expect(picture.text).toMatch(/^exit 0 · .*\n1\d{6}\n/);
      expect(typing.text).toMatch(/\n +XTEST\n/);
      expect(fromHost).toEqual(["a", "b"]);
    } else {
      expect(picture.text).toMatch(/^exit 0 · .*\n0\n--- stderr\nxwd: +unable to get image/);
      expect(typing.text).toMatch(/extensions: +2\n +BIG-REQUESTS\n +XC-MISC\n/);
      expect(fromHost).toEqual([]);
    }
    await client.call("ssh_stop", { command: "box/1", signal: "TERM" });
    await shows(screen, 1);
  });

  it("only those that were given the display, and only for as long as they run", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen } = place;
    const status = await client.run("box", "with-x11 sh -c 'cat; exit 5' <<E\nin\nE", { wait_s: 60 });
    expect(status.text).toMatch(/^exit 5 · .*\nin\n$/);
    const others =
      "DISPLAY=$DISPLAY XAUTHORITY=$HOME/.Xauthority xauth list | wc -l; XAUTHORITY=$HOME/.Xauthority xclock";
    const refused = await client.run("box", `with-x11 sh -c '${others}'`, { wait_s: 60 });
    expect(refused.text).toMatch(/^exit 1 · .*\n[1-9]\n--- stderr\n[^]*Can't open display/);
    await client.run(
      "box",
      "with-x11 sh -c 'echo $DISPLAY >d; xclock & sleep 1; echo $XAUTHORITY >a; exec sleep 600'",
      {
        background: true,
        wait_s: 0,
      },
    );
    await shows(screen, 1);
    const six = await client.run("box", "for i in 1 2 3 4 5 6; do with-x11 xdpyinfo >/dev/null & done; wait; echo all");
    expect(six.text).toMatch(/^exit 0 · .*\nall\n$/);
    await client.closeSession("box");
    await shows(screen, 0);
  });

  it("but no longer than the connection is there", async () => {
    place = await openX11Place({ x11: "untrusted" });
    const { client, screen, server } = place;
    await client.run("box", "with-x11 xclock", { background: true, wait_s: 0 });
    await shows(screen, 1);
    server.killConnections();
    await shows(screen, 0);
    const after = await client.run("box", "with-x11 xdpyinfo | head -n 1", { wait_s: 60 });
    expect(after.text).toMatch(/^exit 0 · [^]*\nname of display:/);
  });

  it.each([
    ["off", { x11: "off" }, /^exit 127 · .*not found/s],
    [
      "refused by the server",
      { x11: "trusted", server: ["X11Forwarding no"] },
      /^exit 126 · .*the server forwards no X11/s,
    ],
    ["gone", { x11: "untrusted", screen: ["-extension", "SECURITY"] }, /^exit 126 · .*no SECURITY extension/s],
  ] as const)("and none where it is %s", async (_name, options, text) => {
    place = await openX11Place(options);
    expect((await place.client.run("box", "with-x11 true", { wait_s: 60 })).text).toMatch(text);
  });
});

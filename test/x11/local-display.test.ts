import { once } from "node:events";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalDisplay, type LocalDisplay } from "../../src/ssh/x11/local-display.ts";
import { authorityFor } from "../../src/ssh/x11/x11-authority.ts";
import { X11Client } from "../../src/ssh/x11/x11-client.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Screen, hasScreen } from "./screen.ts";

/** Whether an X server lets in who shows the cookie of a display. */
async function letsIn(display: LocalDisplay): Promise<boolean> {
  const socket = await display.connect();
  return new X11Client(socket)
    .greet(display.cookie)
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** Opens a display for untrusted programs, lets one in, and closes it again: that one is put out, and no other comes in. */
async function putsOut(display: string, authority: string): Promise<void> {
  const untrusted = await openLocalDisplay({ trust: "untrusted", display, authority });
  const program = await untrusted.connect();
  await new X11Client(program).greet(untrusted.cookie);
  const ended = once(program.resume(), "close");
  untrusted.close();
  untrusted.close();
  await ended;
  expect(await letsIn(untrusted)).toBe(false);
}

describe.runIf(hasScreen)("the display of this machine", () => {
  const cleanup = new Cleanup();
  let screen: Screen;
  let authority = "";
  let number = "";
  beforeAll(async () => {
    screen = await Screen.open("+extension", "SECURITY");
    cleanup.add(() => screen.close());
    authority = screen.env["XAUTHORITY"] ?? "";
    number = (screen.env["DISPLAY"] ?? "").slice(1);
  });
  afterAll(() => cleanup.run());

  it("keeps its own cookie for trusted programs, and makes one for others that ends with the display", async () => {
    const trusted = await openLocalDisplay({ trust: "trusted", display: `:${number}`, authority });
    expect(readFileSync(authority).includes(trusted.cookie ?? "?")).toBe(true);
    const untrusted = await openLocalDisplay({ trust: "untrusted", display: `:${number}.0`, authority });
    expect(untrusted.cookie).toHaveLength(16);
    expect(untrusted.cookie).not.toEqual(trusted.cookie);
    expect([await letsIn(trusted), await letsIn(untrusted)]).toEqual([true, true]);
    untrusted.close();
    for (let round = 0; round < 30; round += 1) await putsOut(`:${number}`, authority);
    expect(await letsIn(trusted)).toBe(true);
  });

  it("is found by a path, as macOS names it, and at a port, as Windows has it", async () => {
    const path = join(dirname(authority), `org.xquartz:${number}`);
    symlinkSync(`/tmp/.X11-unix/X${number}`, path);
    const port = createServer((from) => {
      const to = connect(`/tmp/.X11-unix/X${number}`);
      for (const one of [from, to]) one.on("error", () => undefined);
      from.pipe(to).pipe(from);
    });
    cleanup.add(() => void port.close());
    await once(port.listen(0, "127.0.0.1"), "listening");
    const address = port.address();
    const tcp = `127.0.0.1:${(typeof address === "object" ? (address?.port ?? 0) : 0) - 6000}.0`;
    for (const display of [path, `${path}.0`, `/tmp/.X11-unix/X${number}`, tcp, `tcp/${tcp}`]) {
      const opened = await openLocalDisplay({ trust: "untrusted", display, authority });
      expect({ display, letsIn: await letsIn(opened) }).toEqual({ display, letsIn: true });
      opened.close();
    }
  });

  it("that lets us in without a cookie gets none", async () => {
    const open = await Screen.open("-ac", "+extension", "SECURITY");
    cleanup.add(() => open.close());
    const display = open.env["DISPLAY"] ?? "";
    const trusted = await openLocalDisplay({ trust: "trusted", display, authority: "/nonexistent" });
    expect(trusted.cookie).toBeUndefined();
    expect(await letsIn(trusted)).toBe(true);
  });

  it("is an error where there is none, or it lets nobody in", async () => {
    const trust = "trusted";
    const wrong = join(dirname(authority), "wrong");
    writeFileSync(wrong, authorityFor(Buffer.alloc(16, 7)));
    const display = `:${number}`;
    await expect(openLocalDisplay({ trust, display: undefined, authority })).rejects.toMatchObject({
      code: "config_invalid",
    });
    await expect(openLocalDisplay({ trust, display: "nonsense", authority })).rejects.toMatchObject({
      code: "config_invalid",
    });
    await expect(openLocalDisplay({ trust, display: ":9999", authority })).rejects.toMatchObject({
      code: "dial_failed",
    });
    for (const file of [wrong, "/nonexistent", dirname(authority)]) {
      await expect(openLocalDisplay({ trust, display, authority: file })).rejects.toMatchObject({
        code: "auth_failed",
      });
    }
  });

  it("that is no X server is none", async () => {
    const path = join(dirname(authority), "other:1");
    const answers = ["", "HTTP/1.1 400 Bad Request\r\n\r\n", Buffer.from([1, 0, 11, 0, 0, 0, 255, 255])];
    const server = createServer((socket) => socket.end(answers.shift() ?? ""));
    cleanup.add(() => void server.close());
    await once(server.listen(path), "listening");
    for (let left = answers.length; left > 0; left -= 1) {
      const opening = openLocalDisplay({ trust: "trusted", display: path, authority });
      await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/^(connection_lost|auth_failed)$/) });
    }
  });
});

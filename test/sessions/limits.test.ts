import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { SessionLimits } from "../../src/config/index.ts";
import type { CommandView, SessionView } from "../../src/sessions/index.ts";
import { createToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { readAll } from "../torture/play-case.ts";
import { canMakeUsers, makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

const mebibyte = 1024 * 1024;

async function openSession(limits: Partial<SessionLimits>): Promise<{ place: OpenBook; session: SessionView }> {
  const server = await startOpenSsh();
  cleanup.add(() => server.stop());
  const place = await openBook(server.sshConfigFile, undefined, {
    idleS: 3600,
    spoolBytes: 256 * mebibyte,
    whenFull: "drain",
    directory: "",
    ...limits,
  });
  cleanup.add(() => place.remove());
  const session = await place.book.open({ target: server.alias, name: "box" });
  cleanup.add(async () => {
    await place.book.close("box").catch(() => undefined);
  });
  return { place, session };
}

async function outputOf(command: CommandView): Promise<string> {
  await command.ended(30_000);
  return Buffer.from((await command.read("stdout", 0, 1000)).bytes).toString();
}

describe.each([
  ["in the session shell", false],
  ["beside it", true],
])("a command %s that prints more than is kept", (_where, background) => {
  it("goes on, is not blocked, and the loss is told with the byte where it begins", async () => {
    const { session } = await openSession({ spoolBytes: mebibyte });
    const command = await session.run({ command: "seq 1 1000000; echo over >&2; (exit 4)", background });
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 4 });
    expect(command.stdoutBytes).toBe(2 * mebibyte);
    expect(command.notes.join()).toContain(
      `stdout after byte ${mebibyte} was not kept but for its last 1 MiB, which follows there`,
    );
    expect(Buffer.from((await command.read("stderr", 0, 100)).bytes).toString()).toBe("over\n");
    const whole = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join(""));
    const kept = Buffer.concat([whole.subarray(0, mebibyte), whole.subarray(-mebibyte)]);
    expect((await readAll(command, "stdout")).equals(kept)).toBe(true);
    expect(await outputOf(await session.run({ command: "echo next" }))).toBe("next\n");
  });

  it("is ended, where that is wanted", async () => {
    const { session } = await openSession({ spoolBytes: mebibyte, whenFull: "stop" });
    const command = await session.run({ command: "cat /dev/zero; true", background });
    await command.ended(30_000);
    expect(command.state.kind).toBe("exited");
    expect(command.stdoutBytes).toBeGreaterThanOrEqual(mebibyte);
    expect(command.stdoutBytes).toBeLessThanOrEqual(2 * mebibyte);
    expect(await outputOf(await session.run({ command: "echo next" }))).toBe("next\n");
  });
});

describe("a command whose output is cut", () => {
  it("ends although a background process holds its stream, whose end is not had", async () => {
    const { session } = await openSession({ spoolBytes: mebibyte });
    const command = await session.run({ command: "sleep 20 & head -c 3000000 /dev/zero; (exit 3)" });
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 3 });
    expect(command.stdoutBytes).toBe(mebibyte);
    expect(command.notes.join()).toContain("a process in the background still holds it");
    expect(await outputOf(await session.run({ command: "kill $!; echo next" }))).toBe("next\n");
  });

  it("ends with the shell, and keeps its end", async () => {
    const { session } = await openSession({ spoolBytes: mebibyte });
    const command = await session.run({ command: "seq 1 1000000; kill -9 $$" });
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 137 });
    expect((await readAll(command, "stdout")).subarray(-8).toString()).toBe("1000000\n");
    expect(await outputOf(await session.run({ command: "echo next" }))).toBe("next\n");
  });

  it("shows its real last lines, and in every reply where the loss begins", async () => {
    const { place, session } = await openSession({ spoolBytes: mebibyte });
    const command = await session.run({ command: "seq 1 1000000" });
    await command.ended(30_000);
    const host = createToolHost({ sessions: place.book });
    const args = { command: command.id, tail: 3 };
    const { text } = await host.call({
      name: "ssh_read",
      args,
      client: "test 1",
      signal: new AbortController().signal,
    });
    expect(text).toContain("\n999998\n999999\n1000000\n");
    expect(text.split("\n")[0]).toContain(`stdout after byte ${mebibyte} was not kept but for its last 1 MiB`);
  });

  it("is read again by another server, with the loss told", async () => {
    const { place, session } = await openSession({ spoolBytes: mebibyte });
    const command = await session.run({ command: "seq 1 1000000" });
    await command.ended(30_000);
    await outputOf(await session.run({ command: "echo next" }));
    await place.book.shutdown();
    const later = await openBook(place.sshConfigFile, place.store);
    cleanup.add(() => later.remove());
    const again = await (await later.book.get("box")).command(command.number);
    expect(again.state).toEqual({ kind: "exited", status: 0 });
    expect(again.notes.join()).toContain(`stdout after byte ${mebibyte} was not kept but for`);
    expect((await readAll(again, "stdout")).subarray(-8).toString()).toBe("1000000\n");
  });
});

describe("a command that prints far more than is kept, faster than it can be shipped", () => {
  it("ends, and what was kept is whole", async () => {
    const { session } = await openSession({ spoolBytes: 96 * mebibyte });
    for (let round = 0; round < 3; round += 1) {
      const command = await session.run({ command: "head -c 300000000 /dev/zero; (exit 6)" });
      await command.ended(60_000);
      expect(command.state).toEqual({ kind: "exited", status: 6 });
      expect(command.stdoutBytes).toBe(97 * mebibyte);
    }
  });
});

describe.runIf(canMakeUsers)("a full disk on the host", () => {
  it("neither blocks nor kills the command; the loss is told; the session goes on", async () => {
    const small = makeTempDir();
    const disk = `${small.path}/disk`;
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0755", "tmpfs", disk]);
    const { session } = await openSession({ directory: disk });
    cleanup.add(() => {
      execFileSync("umount", ["-l", disk]);
      small.remove();
    });
    expect(readdirSync(disk).some((name) => name.startsWith(".holdfast-"))).toBe(true);
    const command = await session.run({ command: "head -c 8000000 /dev/zero; (exit 5)" });
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 5 });
    expect(command.notes.join()).toContain("was not kept");
    expect(command.stdoutBytes).toBeGreaterThan(mebibyte / 2);
    expect(command.stdoutBytes).toBeLessThan(2 * mebibyte);
    expect(await outputOf(await session.run({ command: "echo still here" }))).toBe("still here\n");
  });
});

describe("a session that nobody is attached to", () => {
  it("expires, cleans up after itself, and is unknown afterwards, with the reason", async () => {
    const { place, session } = await openSession({ idleS: 4 });
    const found = await session.run({
      command: "echo $$; cd /; ls -d /var/tmp/.holdfast-* /tmp/.holdfast-* 2>/dev/null",
    });
    const [, ...directories] = (await outputOf(found)).trim().split("\n");
    expect(directories.length).toBeGreaterThan(0);
    const stored = place.store;
    await place.book.shutdown();
    await delay(9000);
    const later = await openBook(place.sshConfigFile, stored);
    cleanup.add(() => later.remove());
    const again = await later.book.get("box");
    await expect(again.run({ command: "true" })).rejects.toMatchObject({ code: "session_unknown" });
    await expect(again.run({ command: "true" })).rejects.toThrow(/closed, or it expired/);
    // Told once; then the name is free again, and its numbers go on.
    const fresh = await later.book.open({ target: session.target, name: "box" });
    const command = await fresh.run({ command: "echo fresh" });
    expect(await outputOf(command)).toBe("fresh\n");
    expect(command.number).toBeGreaterThan(found.number);
    await later.book.close("box");
  });
});

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import { startSsh2Server } from "../ssh/ssh2-server.ts";
import { playStep } from "../torture/play-case.ts";

const limitMs = 60_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

test("a server for Windows is asked nothing but what its login speaks", { timeout: limitMs }, async () => {
  const asked: string[] = [];
  const server = await startSsh2Server({
    ident: "OpenSSH_for_Windows_9.5",
    session: (session) => {
      session.on("exec", (accept, _, { command }) => {
        asked.push(command);
        const channel = accept();
        const shell = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
        shell.stdout.pipe(channel, { end: false });
        shell.stderr.pipe(channel.stderr, { end: false });
        shell.on("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    },
  });
  cleanup.add(() => {
    server.stop();
  });
  const { host, port, user, identityFiles, knownHostsFiles } = server.plan;
  const config = join(dirname(knownHostsFiles[0] ?? ""), "config");
  writeFileSync(
    config,
    [
      "Host box",
      `HostName ${host}`,
      `Port ${port}`,
      `User ${user}`,
      `IdentityFile ${identityFiles[0]?.path ?? ""}`,
      `UserKnownHostsFile ${knownHostsFiles[0] ?? ""}`,
      "",
    ].join("\n"),
    { mode: 0o600 },
  );
  const place = await openBook(config);
  cleanup.add(() => place.remove());
  const session = await place.book.open({ target: "box" });
  // One that has a POSIX shell there speaks that.
  expect(session.survives).toEqual({
    disconnects: false,
    reason: "one channel per command: its SSH server is one for Windows",
  });
  expect((await playStep(session, { run: "echo $((6 * 7)); exit 3" }, limitMs)).stdout.toString()).toBe("42\n");
  expect(asked).toEqual([expect.stringMatching(/^echo '/), "echo $((6 * 7)); exit 3"]);
  await expect(
    place.book.open({ target: "box", name: "w", carrier: "windows", platform: "windows-cmd" }),
  ).rejects.toThrow(/login shell is a POSIX shell/);
  await expect(
    place.book.open({ target: "box", name: "w", carrier: "windows", platform: "windows-x" }),
  ).rejects.toMatchObject({
    code: "bad_input",
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { createSessionBook } from "../../src/sessions/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { playStep, readAll } from "../torture/play-case.ts";
import { ladderPlace, untilNothingIsLeft } from "./ladder-place.ts";

const limitMs = 60_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

describe.runIf(canMakeUsers)("sessions that live as long as a connection", () => {
  test(
    "a connection shell: commands are fed while a background job prints without pause",
    { timeout: limitMs },
    async () => {
      const { book } = await ladderPlace(cleanup);
      const session = await book.open({ target: "box", carrier: "connection" });
      const fed = (command: string, stdin: string) => playStep(session, { run: command, with: { stdin } }, limitMs);
      await fed("(while :; do echo noise; done) & cat >/dev/null", "first");
      for (const text of ["second", "third"]) {
        const step = await fed("cat >&2", text);
        expect([step.status, step.stderr.toString()]).toEqual([0, text]);
      }
      await book.close("box");
    },
  );

  test(
    "a connection shell: what runs is lost, the session says so and goes on in a new shell",
    { timeout: limitMs },
    async () => {
      const { book, server, user } = await ladderPlace(cleanup);
      const session = await book.open({ target: "box", carrier: "connection", env: { HF_GIVEN: "given" } });
      await playStep(session, { run: "cd /usr/lib; hf_v=1" }, limitMs);
      const running = await session.run({ command: "echo up; sleep 600" });
      await waitUntil("it prints", () => running.stdoutBytes === 3);
      server.killConnections();
      await running.ended(limitMs);
      expect(running.state).toEqual({ kind: "lost", reason: expect.stringMatching(/connection was lost/) });
      expect((await readAll(running, "stdout")).toString()).toBe("up\n");
      expect(session.state).toBe("detached");
      const next = await playStep(session, { run: 'echo "$PWD ${hf_v-gone} $HF_GIVEN"' }, limitMs);
      expect(next.stdout.toString()).toBe("/usr/lib gone given\n");
      expect(next.command.notes.join()).toMatch(/^new shell: .*variables and functions are gone/);
      expect(next.command.number).toBe(running.number + 1);
      expect((await playStep(session, { run: ":" }, limitMs)).command.notes).toEqual([]);
      await book.close("box");
      if (user !== undefined) await untilNothingIsLeft(user);
    },
  );

  test(
    "an exec session: what runs is lost, the next command runs where the session was",
    { timeout: limitMs },
    async () => {
      const { book, server } = await ladderPlace(cleanup);
      const session = await book.open({ target: "box", carrier: "exec" });
      await playStep(session, { run: "cd /usr/lib" }, limitMs);
      const running = await session.run({ command: "echo up; sleep 600" });
      await waitUntil("it prints", () => running.stdoutBytes === 3);
      server.killConnections();
      await running.ended(limitMs);
      expect(running.state.kind).toBe("lost");
      expect((await playStep(session, { run: "pwd" }, limitMs)).stdout.toString()).toBe("/usr/lib\n");
    },
  );

  test("commands beside one that runs, and stopping them", { timeout: limitMs }, async () => {
    const { book } = await ladderPlace(cleanup);
    for (const carrier of ["connection", "exec"] as const) {
      const session = await book.open({ target: "box", name: carrier, carrier });
      await playStep(session, { run: "cd /usr/lib" }, limitMs);
      const slow = await session.run({ command: "sleep 600" });
      const beside = await playStep(session, { run: "pwd; cat", with: { stdin: "in" } }, limitMs);
      expect(beside.stdout.toString()).toBe("/usr/lib\nin");
      const other = await session.run({ command: "sleep 601", background: true });
      await other.stop("TERM");
      await other.ended(limitMs);
      expect(other.state).toEqual({ kind: "signalled", signal: "TERM" });
      expect(slow.state.kind).toBe("running");
      await slow.stop("INT");
      await slow.ended(limitMs);
      expect(slow.state).toEqual({ kind: "signalled", signal: "INT" });
    }
  });

  test(
    "with MaxSessions 1 a running command is fed and stopped over other connections",
    { timeout: limitMs },
    async () => {
      const { book } = await ladderPlace(cleanup, { config: ["MaxSessions 1"] });
      for (const carrier of ["host", "connection"] as const) {
        const session = await book.open({ target: "box", name: carrier, carrier });
        const fed = await session.run({ command: 'read -r a; echo "got $a"; sleep 600' });
        await fed.input("it\n");
        await waitUntil("it was read", () => fed.stdoutBytes === 7);
        await fed.stop("TERM");
        await fed.ended(limitMs);
        expect(fed.state).toEqual({ kind: "signalled", signal: "TERM" });
        const many = await playStep(session, { run: "seq 1 200000" }, limitMs);
        expect(many.stdout.length).toBe(1_288_895);
      }
    },
  );

  test("numbers are not given again when a session is opened anew", { timeout: limitMs }, async () => {
    const { book } = await ladderPlace(cleanup);
    const session = await book.open({ target: "box", carrier: "connection" });
    expect((await playStep(session, { run: ":" }, limitMs)).command.number).toBe(1);
    await book.close("box");
    const again = await book.open({ target: "box", carrier: "connection" });
    const first = await playStep(again, { run: "echo x" }, limitMs);
    expect(first.command.number).toBe(2);
    expect(first.command.notes).toEqual([
      "survives disconnects: no (connection shell: asked for with keep connection)",
    ]);
  });

  test("another server that has only the record opens a new shell and says so", { timeout: limitMs }, async () => {
    const { book, store } = await ladderPlace(cleanup);
    const session = await book.open({ target: "box", carrier: "connection" });
    const before = await playStep(session, { run: "cd /usr/lib" }, limitMs);
    const other = createSessionBook({ engine: createSsh2Engine(), store });
    cleanup.add(() => other.shutdown());
    const found = await other.get("box");
    expect(found.survives.disconnects).toBe(false);
    const first = await playStep(found, { run: "echo x" }, limitMs);
    expect(first.stdout.toString()).toBe("x\n");
    expect(first.command.notes.join()).toMatch(/new shell: the connection of the one before is gone/);
    expect(first.command.number).toBeGreaterThan(before.command.number);
    expect((await playStep(session, { run: "pwd" }, limitMs)).stdout.toString()).toBe("/usr/lib\n");
  });
});

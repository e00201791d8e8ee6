import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay, monotonicMs } from "../base/index.ts";
import { collect, runToEnd, stepLimitMs, until } from "./channel-outcome.conformance.ts";
import { keepUnusedChannels, transferFiles } from "./transfer-files.conformance.ts";
import type { ConnectPlan, SshConnection, SshEngine } from "./engine.ts";

/** What the suite needs of a real server. */
export interface ConformanceServer {
  readonly plan: ConnectPlan;
  /** Kills the server's side of every connection. */
  killConnections(): void;
  stop(): Promise<void>;
  readonly offersSftp: boolean;
  /** A length of command that it takes. */
  readonly longCommandBytes: number;
  /** It waits for the output of background processes; others cut it off when the shell ends. */
  readonly waitsForOutput: boolean;
  /** The engine hears who connects to a forwarded point of the host. */
  readonly namesCallers: boolean;
  /** A directory that the user may write to. */
  readonly directory: string;
}

/** What every engine must do on every server: run it in a test file with a real server. */
export function describeEngine(name: string, engine: SshEngine, start: () => Promise<ConformanceServer>): void {
  describe(name, () => {
    let server: ConformanceServer;
    let connection: SshConnection;
    const open = (changes: Partial<ConnectPlan> = {}): Promise<SshConnection> =>
      engine.connect({ ...server.plan, ...changes });

    beforeAll(async () => {
      server = await start();
      connection = await open();
    });
    afterAll(async () => {
      await connection.close();
      await server.stop();
    });

    it("tells what the server says it is", () => {
      expect(connection.serverIdentification).toMatch(/^SSH-2\.0-\S/);
      expect(connection.hostKey).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
      expect(connection.closed).toBe(false);
    });

    it.each([0, 1, 7, 126, 255])("exit status %i", async (status) => {
      const { end, stdout, stderr } = await runToEnd(connection, `exit ${status}`);
      expect({ end, out: stdout.length + stderr.length }).toEqual({ end: { kind: "exit", status }, out: 0 });
    });

    it.each(["TERM", "KILL"])("a command that dies by %s", async (signal) => {
      expect((await runToEnd(connection, `kill -${signal} $$; sleep 5`)).end).toEqual({ kind: "signal", signal });
    });

    it("keeps stdout and stderr apart and every byte as it is", async () => {
      const { stdout, stderr, end } = await runToEnd(
        connection,
        String.raw`printf 'a\000\377\n'; printf 'b\200' >&2; exit 3`,
      );
      expect(stdout).toEqual(Buffer.from([0x61, 0, 0xff, 0x0a]));
      expect(stderr).toEqual(Buffer.from([0x62, 0x80]));
      expect(end).toEqual({ kind: "exit", status: 3 });
    });

    it("5 MB on each stream at once", async () => {
      const command = "head -c 5000000 /dev/zero | tr '\\0' o & head -c 5000000 /dev/zero | tr '\\0' e >&2; wait";
      const { stdout, stderr, end } = await runToEnd(connection, command);
      expect(stdout.equals(Buffer.alloc(5_000_000, "o"))).toBe(true);
      expect(stderr.equals(Buffer.alloc(5_000_000, "e"))).toBe(true);
      expect(end).toEqual({ kind: "exit", status: 0 });
    });

    it("5 MB of stderr alone", async () => {
      const { stdout, stderr } = await runToEnd(connection, "head -c 5000000 /dev/zero >&2");
      expect([stdout.length, stderr.length]).toEqual([0, 5_000_000]);
    });

    it("stdin byte for byte, then end of file", async () => {
      const bytes = randomBytes(3_000_000);
      const { listener, outcome } = collect();
      const channel = await connection.exec("cat", listener);
      for (let from = 0; from < bytes.length; from += 100_000) {
        if (!channel.write(bytes.subarray(from, from + 100_000))) await channel.drained();
      }
      channel.eof();
      channel.eof();
      expect((await outcome).stdout.equals(bytes)).toBe(true);
    });

    it("writing to a command that reads nothing and ends does not hang", async () => {
      const { listener, outcome } = collect();
      const channel = await connection.exec("exec 0<&-; exit 4", listener);
      for (let piece = 0; piece < 40 && !channel.write(Buffer.alloc(500_000)); piece += 1) {
        await Promise.race([channel.drained(), outcome]);
      }
      expect((await outcome).end).toEqual({ kind: "exit", status: 4 });
      expect(channel.write("more")).toBe(true);
      await channel.drained();
    });

    it("pausing stops both streams and memory does not grow", async () => {
      const { listener, outcome, size } = collect();
      const channel = await connection.exec(
        "head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait",
        listener,
      );
      await until("some bytes", () => size() > 0);
      channel.pause();
      const before = size();
      const memory = process.memoryUsage().rss;
      await delay(500);
      expect(size()).toBe(before);
      expect(process.memoryUsage().rss - memory).toBeLessThan(32 * 1024 * 1024);
      for (let round = 0; round < 5; round += 1) {
        channel.resume();
        await delay(5);
        channel.pause();
      }
      channel.resume();
      const { stdout, stderr, end } = await outcome;
      expect([stdout.length, stderr.length, end]).toEqual([20_000_000, 20_000_000, { kind: "exit", status: 0 }]);
    });

    it("a background process that holds the output does not delay the end", async () => {
      const started = monotonicMs();
      const { stdout, end } = await runToEnd(connection, "sleep 40 & echo here; exit 5");
      expect([stdout.toString(), end]).toEqual(["here\n", { kind: "exit", status: 5 }]);
      expect(monotonicMs() - started).toBeLessThan(stepLimitMs);
    });

    it("output that comes after the exit of the shell is not cut off by us", async () => {
      if (!server.waitsForOutput) return;
      // It has to begin within 200 ms, for which a busy machine may be held up: then it is all missing, and asked for again.
      let length = 0;
      for (let attempt = 0; attempt < 4 && length === 0; attempt += 1) {
        const { stdout } = await runToEnd(connection, "(sleep 0.1; head -c 3000000 /dev/zero) & exit 0");
        length = stdout.length;
      }
      expect(length).toBe(3_000_000);
    });

    it("a shell in a terminal that can be resized", async () => {
      const { listener, outcome, size } = collect();
      const channel = await connection.exec("stty size; read line; stty size", listener, {
        pty: { term: "xterm-256color", columns: 91, rows: 23 },
      });
      await until("the first size", () => size() > 0);
      channel.resize(132, 43);
      channel.write("\n");
      const text = (await outcome).stdout.toString();
      expect(text).toMatch(/23 91[^]*43 132/);
    });

    it("an interactive shell", async () => {
      const { listener, outcome } = collect();
      const channel = await connection.shell({ term: "dumb", columns: 80, rows: 24 }, listener);
      channel.write("echo $((40 + 2))th; exit 6\n");
      const { stdout, end } = await outcome;
      expect(stdout.toString()).toContain("42th");
      expect(end).toEqual({ kind: "exit", status: 6 });
    });

    it("20 commands at once, more than the server has sessions for", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => runToEnd(connection, `sleep 0.05; echo ${index}; exit ${index}`)),
      );
      expect(outcomes.map(({ stdout }) => stdout.toString())).toEqual(
        Array.from({ length: 20 }, (_, index) => `${index}\n`),
      );
      expect(outcomes.map(({ end }) => end)).toEqual(
        Array.from({ length: 20 }, (_, status) => ({ kind: "exit", status })),
      );
    });

    it("closing a channel ends it once and gives its place back", async () => {
      const free = connection.freeChannels;
      const { listener, outcome } = collect();
      const channel = await connection.exec("cat", listener);
      channel.close();
      channel.close();
      await outcome;
      await until("the place is free", () => connection.freeChannels === free);
    });

    it("refuses a command that would break the connection", async () => {
      const { listener } = collect();
      await expect(connection.exec(`: ${"x".repeat(100_000)}`, listener)).rejects.toMatchObject({ code: "too_large" });
      expect((await runToEnd(connection, `: ${"x".repeat(server.longCommandBytes)}; exit 2`)).end).toEqual({
        kind: "exit",
        status: 2,
      });
    });

    it("a stream to a port as seen from the host", async () => {
      const echo = await connection.forwardOut({ host: server.plan.host, port: server.plan.port });
      const [first] = await new Promise<[Buffer]>((resolve) => {
        echo.once("data", (bytes: Buffer) => resolve([bytes]));
      });
      expect(first.toString()).toMatch(/^SSH-2\.0-/);
      echo.destroy();
      await expect(connection.forwardOut({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({
        code: "dial_failed",
      });
      expect((await runToEnd(connection, "exit 9")).end).toEqual({ kind: "exit", status: 9 });
    });

    it("a port of the host that leads here", async () => {
      const offers: string[] = [];
      const forward = await connection.forwardIn({ host: "127.0.0.1", port: 0 }, (offer) => {
        offers.push(offer.from);
        if (offers.length > 1) offer.refuse();
        else offer.accept().end("hello");
      });
      expect(forward.port).toBeGreaterThan(0);
      const talk = `exec 3<>/dev/tcp/127.0.0.1/${forward.port}; cat <&3`;
      const answers = [];
      for (const _round of [1, 2]) answers.push(await runToEnd(connection, `bash -c '${talk}'`));
      expect(answers.map(({ stdout }) => stdout.toString())).toEqual(["hello", ""]);
      const caller = server.namesCallers ? /^127\.0\.0\.1:\d+$/ : /^$/;
      expect(offers).toEqual([expect.stringMatching(caller), expect.any(String)]);
      await forward.close();
      expect((await runToEnd(connection, `bash -c '${talk}'`)).stdout.toString()).toBe("");
      expect(offers).toHaveLength(2);
    });

    it("files over SFTP, or a clear refusal", async () => {
      if (!server.offersSftp) {
        await expect(connection.sftp()).rejects.toMatchObject({ code: "unsupported" });
        return;
      }
      const sftp = await connection.sftp();
      await transferFiles(sftp, server.directory);
    });

    it("file transfer channels that nobody uses: ready for the next one, and no loss to commands", async () => {
      // Others bear no channel that nobody uses.
      if (!server.offersSftp || !connection.serverIdentification.includes("OpenSSH")) return;
      await keepUnusedChannels(connection, server.directory);
    });

    it("a lost connection: lost, never an exit; told once; further calls refused", async () => {
      const doomed = await open();
      const reasons: string[] = [];
      doomed.onClosed((reason) => reasons.push(reason));
      const { listener, outcome, size } = collect();
      const channel = await doomed.exec("echo up; sleep 30", listener);
      await until("the command runs", () => size() > 0);
      server.killConnections();
      expect((await outcome).end).toEqual({ kind: "lost" });
      await until("the loss is told", () => reasons.length > 0);
      expect(doomed.closed).toBe(true);
      expect(doomed.freeChannels).toBe(0);
      await expect(doomed.exec("true", collect().listener)).rejects.toMatchObject({ code: "connection_lost" });
      await expect(doomed.sftp()).rejects.toMatchObject({ code: "connection_lost" });
      await expect(doomed.forwardOut({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({
        code: "connection_lost",
      });
      channel.write("x");
      channel.close();
      await doomed.close();
      expect(reasons).toHaveLength(1);
      doomed.onClosed((reason) => reasons.push(reason));
      expect(reasons).toHaveLength(2);
      connection = await open();
    });

    it("closing twice is fine, and running commands are lost to us", async () => {
      const other = await open();
      const { listener, outcome } = collect();
      await other.exec("sleep 30", listener);
      await Promise.all([other.close(), other.close()]);
      expect((await outcome).end).toEqual({ kind: "lost" });
      expect(other.closed).toBe(true);
    });

    it("a stream of 20 MB has every byte in its place", async () => {
      const { stdout } = await runToEnd(connection, "seq 1 3000000 | head -c 20000000");
      const wanted = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => `${index + 1}\n`).join("")).subarray(
        0,
        20_000_000,
      );
      const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
      expect(digest(stdout)).toBe(digest(wanted));
    });
  });
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asHoldfastError, delay } from "../../src/base/index.ts";
import { writeBySftp } from "../../src/sessions/files/sftp-write.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { makeTempDir, startOpenSsh, startTcpProxy } from "../helpers/servers/index.ts";
import { planFor } from "../ssh/plan.ts";
import { playsInFull } from "./plays-in-full.ts";

/** For all rounds, on a machine that has other things to do. */
const limitMs = 1_800_000;

/** Rounds of two writers each. */
const rounds = playsInFull ? 200 : 2;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const codeOf = (error: unknown): string => asHoldfastError(error).code;

it(
  "a lock over SFTP whose writer has died is taken over by one of two; one who is at work keeps it; leftovers go",
  async () => {
    const cleanup = new Cleanup();
    try {
      const server = await startOpenSsh();
      cleanup.add(() => server.stop());
      const proxy = await startTcpProxy(server.port);
      cleanup.add(() => proxy.stop());
      const plan = { ...planFor(server), hostKeyAlias: `[127.0.0.1]:${server.port}` };
      const dying = await createSsh2Engine().connect({ ...plan, port: proxy.port });
      const living = await createSsh2Engine().connect(plan);
      cleanup.add(() => living.close());
      const directory = makeTempDir();
      cleanup.add(() => {
        directory.remove();
      });
      const path = join(directory.path, "f");
      writeFileSync(path, "old");
      const left = join(directory.path, `.holdfast-sftp-${"a".repeat(24)}`);
      writeFileSync(left, "left by one long ago");
      utimesSync(left, 1_700_000_000, 1_700_000_000);
      proxy.delay(20);
      const request = { path, mode: "replace", expectSha256: sha256("old") } as const;
      const cut = writeBySftp(await dying.sftp(), { ...request, content: Buffer.from("dead") }, "").then(
        () => "written",
        codeOf,
      );
      const by = join(directory.path, ".holdfast-lock/by");
      await eventually("a lock", 30_000, () => (existsSync(by) && readFileSync(by).length > 0 ? true : undefined));
      proxy.killAll();
      expect(await cut).toBe("connection_lost");
      expect(existsSync(by)).toBe(true);
      // Who says something new is not dead, however long it takes.
      const others = await Promise.all([living.sftp(), living.sftp()]);
      const writing = others.map((sftp, writer) =>
        writeBySftp(sftp, { ...request, content: Buffer.from(`${writer}`) }, "", { deadAfterMs: 600 }).then(
          () => "written",
          codeOf,
        ),
      );
      for (let beat = 0; beat < 10; beat += 1) {
        writeFileSync(by, `by-sftp other ${beat}\n`);
        await delay(200);
      }
      expect(readFileSync(path, "utf8")).toBe("old");
      const states = await Promise.all(writing);
      expect(states.toSorted()).toEqual(["file_changed", "written"]);
      expect(readFileSync(path, "utf8")).toBe(`${states.indexOf("written")}`);
      // The temporary file of the one that was cut off is too young.
      const names = readdirSync(directory.path).filter((name) => name !== "f");
      expect(names.filter((name) => !name.startsWith(".holdfast-sftp-"))).toEqual([]);
      expect(names).toHaveLength(1);
      expect(existsSync(left)).toBe(false);
    } finally {
      await cleanup.run();
    }
  },
  limitMs,
);

it(
  "two writers by SFTP alone: exactly one wins, each time",
  async () => {
    const cleanup = new Cleanup();
    try {
      const server = await startOpenSsh();
      cleanup.add(() => server.stop());
      const proxy = await startTcpProxy(server.port);
      cleanup.add(() => proxy.stop());
      // Long enough that both have compared before one has renamed, were there no lock.
      proxy.delay(15);
      const plan = { ...planFor(server), port: proxy.port, hostKeyAlias: `[127.0.0.1]:${server.port}` };
      const connection = await createSsh2Engine().connect(plan);
      cleanup.add(() => connection.close());
      const channels = [await connection.sftp(), await connection.sftp()];
      const directory = makeTempDir();
      cleanup.add(() => {
        directory.remove();
      });
      const path = join(directory.path, "race");
      let content = "0";
      writeFileSync(path, content);
      for (let round = 1; round <= rounds; round += 1) {
        const expectSha256 = sha256(content);
        const states = await Promise.all(
          channels.map((sftp, writer) =>
            writeBySftp(
              sftp,
              { path, content: Buffer.from(`${writer} ${round}`), mode: "replace", expectSha256 },
              "",
            ).then(() => "written", codeOf),
          ),
        );
        expect(states.toSorted()).toEqual(["file_changed", "written"]);
        content = readFileSync(path, "utf8");
        expect(content).toBe(`${states.indexOf("written")} ${round}`);
      }
      expect(readdirSync(directory.path)).toEqual(["race"]);
    } finally {
      await cleanup.run();
    }
  },
  limitMs,
);

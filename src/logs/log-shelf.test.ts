import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readCast } from "./cast-lines.ts";
import { listLogs } from "./list-logs.ts";
import { LogShelf } from "./log-shelf.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-logs-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const about = { width: 80, height: 24, title: "t", session: "../we b1" };
const shelf = (limits: { readonly partBytes: number; readonly totalBytes: number }): LogShelf =>
  new LogShelf(
    () => directory,
    () => limits,
  );

async function partsOf(path: string): Promise<readonly unknown[]> {
  const parts: unknown[] = [];
  for await (const part of readCast(path)) parts.push(part);
  return parts;
}

test("a log goes on in another file when one is full, and when one is removed", async () => {
  const log = shelf({ partBytes: 1_000, totalBytes: 1_000_000 }).begin(about, "terminal-7");
  await log.append("r", "100x30");
  await log.append("o", "x".repeat(1_000));
  await log.append("o", "second");
  const files = await listLogs(directory);
  expect(files.map(({ session }) => session)).toEqual(["__we_b1", "__we_b1"]);
  const second = await partsOf(log.path ?? "");
  expect(second).toMatchObject([
    { width: 100, height: 30, session: "../we b1" },
    { kind: "o", text: "second" },
  ]);
  rmSync(log.path ?? "");
  await log.append("m", "third");
  expect(await partsOf(log.path ?? "")).toMatchObject([{ width: 100 }, { kind: "m", text: "third" }]);
});

test("the oldest files make room, but those that are written to", async () => {
  const logs = shelf({ partBytes: 1_000, totalBytes: 3_500 });
  const kept = logs.begin({ ...about, session: "kept" }, "terminal-1");
  await kept.append("o", "x".repeat(900));
  for (let number = 2; number < 8; number += 1) {
    const log = logs.begin({ ...about, session: `s${number}` }, `terminal-${number}`);
    await log.append("o", "x".repeat(900));
    logs.end(log);
  }
  expect(readdirSync(directory)).toEqual(["kept", "s6", "s7"]);
});

test("what is no log is refused, and a broken line is left out", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "holdfast-logs-")), "x.cast");
  writeFileSync(path, "{}\n");
  await expect(partsOf(path)).rejects.toMatchObject({ code: "bad_input" });
  writeFileSync(path, '{"version":2,"width":1e9,"height":-1}\nnonsense\n[1,"o","a"]\n[1,"z","b"]\n[2,"o"');
  expect(await partsOf(path)).toMatchObject([
    { width: 80, height: 24 },
    { atS: 1, kind: "o", text: "a" },
  ]);
  await expect(partsOf(`${path}x`)).rejects.toMatchObject({ code: "file_missing" });
  expect(readFileSync(path, "utf8")).toContain("nonsense");
  rmSync(join(path, ".."), { recursive: true });
});

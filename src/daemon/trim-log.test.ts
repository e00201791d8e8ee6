import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { trimLog } from "./trim-log.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-log-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("keeps the end of a log that has grown too long, in the same file, and leaves others alone", async () => {
  const file = join(directory, "daemon.log");
  trimLog(file);
  writeFileSync(file, "short\n");
  trimLog(file);
  expect(readFileSync(file, "utf8")).toBe("short\n");
  const { ino } = statSync(file);
  writeFileSync(file, `${"x".repeat(2_000_000)}the end\n`);
  trimLog(file);
  expect(statSync(file)).toMatchObject({ ino, size: 262_144 });
  expect(readFileSync(file, "utf8")).toMatch(/x{1000}the end\n$/);
});

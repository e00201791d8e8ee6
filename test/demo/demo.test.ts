import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, test } from "vitest";

test("the demo holds all that it shows", () => {
  const played = spawnSync(process.execPath, ["scripts/run.mjs", "test/demo/demo.ts"], {
    encoding: "utf8",
    timeout: 110_000,
  });
  expect(played.stdout + played.stderr).toMatch(/\n\d+ checks passed, 0 failed/);
  expect(played.status).toBe(0);
});

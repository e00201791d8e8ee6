import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";

const layers = { base: [], ssh: ["base"], tools: ["base"] };
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Plants `files` under a fresh `src` and runs the real check on it. */
function check(files: Readonly<Record<string, string>>, table: Readonly<Record<string, readonly string[]>> = layers) {
  const folder = mkdtempSync(path.join(tmpdir(), "holdfast-layers-"));
  folders.push(folder);
  mkdirSync(path.join(folder, "src"));
  writeFileSync(path.join(folder, "layers.json"), JSON.stringify(table));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, "src", file)), { recursive: true });
    writeFileSync(path.join(folder, "src", file), text);
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/run.mjs", "scripts/check-layers.ts", folder],
    { encoding: "utf8" },
  );
  return { status, text: stdout + stderr };
}

const clean = {
  "base/index.ts": `export { one } from "./one.ts";`,
  "base/one.ts": `export const one = 1; // import { x } from "../ssh/secret.ts" in a comment is no import`,
  "ssh/index.ts": `import { one } from "../base/index.ts"; export const two = one;`,
  "main.ts": `import { two } from "./ssh/index.ts"; export const three = two;`,
};

describe("check-layers", () => {
  test("a clean tree passes and counts what it saw", () => {
    const { status, text } = check(clean);
    expect(text).toContain("4 files, 3 relative imports, 0 problems");
    expect(status).toBe(0);
  });

  test.each([
    [
      "a value import upward",
      "ssh/bad.ts",
      `import { t } from "../tools/index.ts"; export const b = t;`,
      "ssh may not import tools",
    ],
    [
      "a type import upward",
      "ssh/bad.ts",
      `import type { T } from "../tools/index.ts"; export type B = T;`,
      "ssh may not import tools",
    ],
    [
      "an inline import type",
      "ssh/bad.ts",
      `export type B = import("../tools/index.ts").T;`,
      "ssh may not import tools",
    ],
    ["a re-export upward", "ssh/bad.ts", `export { t } from "../tools/index.ts";`, "ssh may not import tools"],
    [
      "a dynamic import upward",
      "ssh/bad.ts",
      `export const b = async () => import("../tools/index.ts");`,
      "ssh may not import tools",
    ],
    ["a computed dynamic import", "ssh/bad.ts", `export const b = async (x: string) => import(x);`, "computed path"],
    [
      "a way in beside the door",
      "tools/bad.ts",
      `import { one } from "../base/one.ts"; export const b = one;`,
      "enter base by its door",
    ],
    [
      "a way in beside the door from outside the rooms",
      "app.ts",
      `import { one } from "./base/one.ts"; export const b = one;`,
      "enter base by its door",
    ],
    ["a room that nobody listed", "extra/index.ts", `export const b = 1;`, `room "extra" is not in layers.json`],
    [
      "a room that imports the composition root",
      "ssh/bad.ts",
      `import { three } from "../main.ts"; export const b = three;`,
      "which wires the rooms",
    ],
    ["an import out of src", "ssh/bad.ts", `import { x } from "../../test/x.ts"; export const b = x;`, "leaves src"],
    ["a star in a door", "ssh/index.ts", `export * from "./engine.ts";`, "list the names"],
    ["a file that does not parse", "ssh/bad.ts", `import {`, "does not parse"],
  ])("%s fails", (_name, file, text, problem) => {
    const found = check({ ...clean, [file]: text });
    expect(found.text).toContain(problem);
    expect(found.text).toContain(`src/${file}`);
    expect(found.status).toBe(1);
  });

  test("a table out of order fails", () => {
    const found = check(clean, { base: ["ssh"], ssh: ["base"], tools: [] });
    expect(found.text).toContain("base may not depend on ssh");
    expect(found.status).toBe(1);
  });

  test("nothing checked fails", () => {
    const found = check({});
    expect(found.text).toContain("no files checked");
    expect(found.status).toBe(1);
  });
});

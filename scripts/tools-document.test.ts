import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toolTable } from "../src/tools/index.ts";
import { toolsDocument } from "./tools-document.ts";

test("docs/tools.md is what `npm run docs` writes", () => {
  expect(readFileSync("docs/tools.md", "utf8")).toBe(toolsDocument(toolTable));
});

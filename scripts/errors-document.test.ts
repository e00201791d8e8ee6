import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes } from "../src/base/index.ts";

test("docs/errors.md documents every error code, and no other, with the right word on retrying", () => {
  const document = readFileSync("docs/errors.md", "utf8");
  const rows = [...document.matchAll(/^\| `([a-z_]+)` \| (yes|no) \| .{20,} \| .{5,} \|$/gm)];
  const documented = rows.map(([, code, again]) => [code, again]);
  const real = Object.entries(errorCodes).map(([code, { retryable }]) => [code, retryable ? "yes" : "no"]);
  expect(documented).toEqual(real);
});

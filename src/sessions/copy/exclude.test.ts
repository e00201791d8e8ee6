import { describe, expect, it } from "vitest";
import { toBytePath } from "./copy-side.ts";
import { excluder } from "./exclude.ts";

/** Pattern, path below the source, whether that is a directory. */
const left: readonly (readonly [string, string, boolean])[] = [
  ["*.log", "a.log", false],
  ["*.log", "deep/er/a.log", false],
  ["*.log", "dir.log", true],
  ["node_modules", "node_modules", true],
  ["node_modules", "a/b/node_modules", true],
  ["cache/", "cache", true],
  ["cache//", "a/cache", true],
  ["/top", "top", false],
  ["./top", "top", false],
  ["/top/", "top", true],
  ["a/b", "a/b", false],
  ["./a/b", "a/b", true],
  ["a/*.o", "a/x.o", false],
  ["a/*", "a/b/c", false],
  ["?.c", "x.c", false],
  ["*", "anything", false],
  ["*", ".hidden", false],
  [".*", ".git", true],
  ["é?", "dir/éü", false],
  ["[ab]", "[ab]", false],
  ["a\\*", "a\\b", false],
  ["line\nfeed", "line\nfeed", false],
];

const taken: typeof left = [
  ["*.log", "a.log.gz", false],
  ["*.log", "log", false],
  ["*.LOG", "a.log", false],
  ["node_modules", "node_modules2", true],
  ["cache/", "cache", false],
  ["/top", "a/top", false],
  ["./top", "a/top", false],
  ["a/b", "x/a/b", false],
  ["a/b", "b", false],
  ["?.c", "xy.c", false],
  ["?.c", ".c", false],
  ["[ab]", "a", false],
  ["", "a", false],
  ["/", "a", true],
  ["..", "a", true],
];

describe("what is left out of a copy", () => {
  it.each(left)("%j leaves out %j", (pattern, path, isDirectory) => {
    expect(excluder([pattern])(toBytePath(path), isDirectory)).toBe(true);
    expect(excluder(["no such", pattern, ""])(toBytePath(path), isDirectory)).toBe(true);
  });

  it.each(taken)("%j leaves %j in", (pattern, path, isDirectory) => {
    expect(excluder([pattern])(toBytePath(path), isDirectory)).toBe(false);
  });

  it("leaves nothing out without a pattern, and takes names that are no UTF-8", () => {
    expect(excluder([])("a", true)).toBe(false);
    expect(excluder(["bad-*"])("bad-\u00FF", false)).toBe(true);
    expect(excluder(["bad-?.x"])("bad-\u00FF.x", false)).toBe(true);
  });

  it("takes a pattern full of stars in no time that grows beyond measure", () => {
    const pattern = `${"*a".repeat(200)}b`;
    expect(excluder([pattern])("a".repeat(4_000), false)).toBe(false);
  });
});

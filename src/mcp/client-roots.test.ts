import { describe, expect, it } from "vitest";
import { readRoots } from "./client-roots.ts";

const read = (...uris: readonly unknown[]): ReturnType<typeof readRoots> =>
  readRoots({ roots: uris.map((uri) => ({ uri, name: "x" })) });

describe("a client's roots", () => {
  it("are directories of this machine", () => {
    expect(read("file:///srv/app", "file:///srv/a%20b%C3%BC/", "FILE:///x/./y/../z")).toEqual([
      "/srv/app",
      "/srv/a bü",
      "/x/z",
    ]);
    expect(read("file:///a:b;c")).toEqual(["/a:b;c"]);
  });

  it.each([
    "https://example.org/srv",
    "vscode-remote://ssh-remote+box/srv",
    "/srv/app",
    "file:srv",
    "file:/srv",
    "file://box/srv",
    "file://localhost.example/srv",
    "file:///",
    "file:////",
    "file:///srv/../..",
    "file:///srv/%2e%2e/%2E%2E/",
    "file:///srv%2Fapp",
    "file:///srv%00",
    "file:///srv?x",
    "file:///srv#x",
    "file:///%",
    `file:///${"x".repeat(5_000)}`,
    "",
  ])("are not %s", (uri) => {
    expect(read(uri)).toEqual([]);
  });

  it("are not said by an empty list, or by what is none", () => {
    for (const answer of [
      { roots: [] },
      {},
      undefined,
      null,
      "x",
      { roots: "x" },
      { roots: [{}] },
      { roots: [{ uri: 1 }] },
    ]) {
      expect(readRoots(answer)).toBeUndefined();
    }
  });

  it("are bounded in number", () => {
    expect(read(...Array.from({ length: 500 }, (_, at) => `file:///d${at}`))).toHaveLength(100);
  });
});

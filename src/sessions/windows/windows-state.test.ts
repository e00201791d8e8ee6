import { describe, expect, test } from "vitest";
import { readVariables, WindowsState } from "./windows-state.ts";

function told(directory: string, ...lines: readonly string[]): Parameters<WindowsState["learn"]>[0] {
  return { directory, variables: readVariables(lines) };
}

describe("a session's directory and variables", () => {
  test("only what is different from the login's own is given on", () => {
    const state = new WindowsState({}, undefined);
    state.ownIs(told("C:\\Users\\x", "Path=C:\\w", "TEMP=t", "SSH_CLIENT=1"));
    expect(state.directory).toBe("C:\\Users\\x");
    state.learn(told("C:\\w", "PATH=C:\\w", "New=1", "SSH_CLIENT=2", "HOLDFAST=1", "PROMPT=p"));
    expect(state.directory).toBe("C:\\w");
    expect([...state.changes]).toEqual([
      ["New", "1"],
      ["TEMP", undefined],
    ]);
    state.learn(told("C:\\w", "PATH=C:\\w", "temp=t"));
    expect([...state.changes]).toEqual([]);
  });

  test("what it was opened with holds from the first command on", () => {
    const state = new WindowsState({ A: "1" }, "~/app");
    state.ownIs(told("C:\\Users\\x", "USERPROFILE=C:\\Users\\x"));
    expect(state.directory).toBe("C:\\Users\\x\\app");
    expect([...state.changes]).toEqual([["A", "1"]]);
  });

  test("places as callers name them", () => {
    const state = new WindowsState({}, undefined);
    state.ownIs(told("C:\\a", "USERPROFILE=C:\\Users\\x"));
    for (const [path, place] of [
      ["~", "C:\\Users\\x"],
      ["~\\b", "C:\\Users\\x\\b"],
      ["/D:/b", "D:\\b"],
      ["D:", "D:\\"],
      ["b/c", "C:\\a\\b\\c"],
      ["\\b", "\\b"],
      ["..", "C:\\a\\.."],
      ["\\\\server\\share", "\\\\server\\share"],
    ] as const) {
      expect(state.place(path)).toBe(place);
    }
  });
});

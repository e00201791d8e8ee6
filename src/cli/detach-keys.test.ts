import { expect, test } from "vitest";
import { DetachKeys, parseDetachKey } from "./detach-keys.ts";

test("the first key begins what is ours, and twice it is itself", () => {
  const keys = new DetachKeys("\u001D");
  expect(keys.take("ab\u001Dgc")).toEqual([
    { kind: "text", text: "ab" },
    { kind: "key", key: "give" },
    { kind: "text", text: "c" },
  ]);
  expect(keys.take("x\u001D")).toEqual([{ kind: "text", text: "x" }]);
  expect(keys.take("\u001Dy")).toEqual([{ kind: "text", text: "\u001Dy" }]);
  expect(keys.take("\u001Dz\u001D.")).toEqual([
    { kind: "key", key: "help" },
    { kind: "key", key: "leave" },
  ]);
});

test("control characters by name, but those that people type", () => {
  expect(parseDetachKey("^]")).toEqual({ character: "\u001D", name: "Ctrl-]" });
  for (const text of ["ctrl-a", "C-a", "^A", "Ctrl+A"]) expect(parseDetachKey(text).character).toBe("\u0001");
  const refused = ["a", "^", "^[", "ctrl-m", "^i", "^J", ""];
  for (const text of refused) expect(() => parseDetachKey(text), text).toThrow(/cannot be the key/);
});

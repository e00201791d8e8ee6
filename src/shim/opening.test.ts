import { expect, it } from "vitest";
import { parseObject } from "./hello.ts";
import { Opening } from "./opening.ts";

const method = "initialize";
const whole = { jsonrpc: "2.0", id: 4, method, params: { a: 1 } };

it("is said again only when it was answered, and its second answer is ours", () => {
  const opening = new Opening();
  expect(opening.again()).toEqual([]);
  opening.asked({ id: 4, method, whole });
  expect(opening.again()).toEqual([]);
  expect(opening.answered(4)).toBe("the client's");
  opening.completed("done");
  const [line = "", completion] = opening.again();
  expect(completion).toBe("done");
  expect(JSON.parse(line)).toEqual({ ...whole, id: "holdfast-again-1" });
  expect(opening.answered("holdfast-again-1")).toBe("ours");
  expect(opening.answered("holdfast-again-1")).toBe("the client's");
});

it("says again what the client follows, until it does so no more", () => {
  const opening = new Opening();
  opening.asked({ id: 4, method, whole });
  opening.answered(4);
  const about = (id: number, verb: string, uri: string): void =>
    opening.asked({ id, method: `resources/${verb}`, whole: { id, method: `resources/${verb}`, params: { uri } } });
  about(5, "subscribe", "ssh://a");
  about(6, "subscribe", "ssh://b");
  expect(opening.follows).toBe(true);
  about(7, "unsubscribe", "ssh://a");
  const lines = opening.again();
  expect(lines.map(parseObject)).toMatchObject([
    { method: "initialize" },
    { method: "resources/subscribe", params: { uri: "ssh://b" } },
  ]);
  for (const line of lines) expect(opening.answered(String(parseObject(line)?.["id"]))).toBe("ours");
  about(8, "unsubscribe", "ssh://b");
  expect(opening.follows).toBe(false);
});

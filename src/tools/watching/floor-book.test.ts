import { expect, test } from "vitest";
import { delay } from "../../base/index.ts";
import { FloorBook } from "./floor-book.ts";

const [ann, bob] = [Symbol("ann"), Symbol("bob")];

test("an agent types until a person does, and again when they have given it back", async () => {
  const floors = new FloorBook();
  const typed: string[] = [];
  const agent = (text: string): Promise<void> => floors.typeForAgent("a/1", async () => void typed.push(text));
  await agent("one");
  expect(await floors.typeForPerson("a/1", ann, async () => void typed.push("ann"))).toBe(true);
  await expect(agent("two")).rejects.toMatchObject({
    code: "taken_over",
    message: "a person types into a/1 since 0 s; nothing was typed",
  });
  await floors.typeForAgent("a/2", async () => void typed.push("elsewhere"));
  floors.giveBack("a/1", bob);
  await expect(agent("three")).rejects.toMatchObject({ code: "taken_over" });
  floors.giveBack("a/1", ann);
  await agent("four");
  expect(typed).toEqual(["one", "ann", "elsewhere", "four"]);
});

test("what an agent is typing is typed to its end; what it has not begun is refused", async () => {
  const floors = new FloorBook();
  const typed: string[] = [];
  const slow = floors.typeForAgent("a/1", async () => {
    typed.push("begin");
    await delay(20);
    typed.push("end");
  });
  await delay(5);
  const waiting = floors.typeForAgent("a/1", async () => void typed.push("never"));
  const person = floors.typeForPerson("a/1", ann, async () => void typed.push("ann"));
  await expect(waiting).rejects.toMatchObject({ code: "taken_over" });
  await Promise.all([slow, person]);
  expect(typed).toEqual(["begin", "end", "ann"]);
});

test("one person at a time; another may take it away, and idleness gives it back", async () => {
  const floors = new FloorBook();
  expect(floors.take("a/1", ann)).toBe(true);
  expect(await floors.typeForPerson("a/1", bob, async () => undefined)).toBe(false);
  expect(floors.standing("a/1", bob)).toBe("another");
  expect(floors.take("a/1", bob, true)).toBe(true);
  expect(floors.standing("a/1", ann)).toBe("another");
  floors.giveBackAfter("a/1", ann, 1);
  await delay(20);
  expect(floors.standing("a/1", bob)).toBe("yours");
  floors.giveBackAfter("a/1", bob, 1);
  const over = new AbortController();
  await floors.watch("a/1", () => over.abort(), over.signal);
  expect(floors.standing("a/1", bob)).toBe("free");
});

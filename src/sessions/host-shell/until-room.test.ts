import { expect, it } from "vitest";
import { Pulse, after } from "../../base/index.ts";
import { CommandBook } from "../commands/command-book.ts";
import { untilRoom, type RoomDeps } from "./until-room.ts";

function session(running: number, sure: boolean): RoomDeps & { readonly commands: CommandBook } {
  const commands = new CommandBook({
    session: "web1",
    controls: {
      fetch: () => Promise.resolve(new Uint8Array()),
      input: () => Promise.resolve(),
      eof: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      watch: () => () => undefined,
      waitsForInput: () => Promise.resolve(false),
    },
    epoch: () => 1,
    directory: () => undefined,
  });
  for (let number = 1; number <= running; number += 1) commands.at(number, 1);
  return { session: "web1", commands, ends: { surelyRunning: () => sure }, news: new Pulse() };
}

it("waits for the ends of commands that are not known to run", async () => {
  const deps = session(70, false);
  for (const number of [1, 2, 3, 4, 5, 6, 7]) {
    after(20 * number, () => {
      deps.commands.get(number)?.lost("of no matter");
      deps.news.fire();
    });
  }
  await untilRoom(deps);
  expect(deps.commands.running()).toHaveLength(63);
});

it.each([true, false])("refuses when as many run as may, known for sure: %s", async (sure) => {
  await expect(untilRoom(session(64, sure))).rejects.toMatchObject({ code: "limit_reached" });
});

it("does not wait where there is room", async () => {
  await untilRoom(session(63, false));
});

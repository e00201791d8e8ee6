import { expect, it } from "vitest";
import { CommandBook } from "../commands/command-book.ts";
import { SpoolFollower, commandToken } from "./spool-follower.ts";

const key = "0123456789abcdef0123456789abcdef";

function follower(): { readonly follower: SpoolFollower; readonly output: () => Promise<string> } {
  const nothing = async (): Promise<never> => Promise.reject(new Error("not at hand"));
  const controls = {
    fetch: nothing,
    input: nothing,
    eof: nothing,
    waitsForInput: nothing,
    stop: nothing,
    watch: () => () => undefined,
  };
  const book = new CommandBook({ session: "s", controls, epoch: () => 1, directory: () => undefined });
  const command = book.make({ number: 1, epoch: 1 });
  return {
    follower: new SpoolFollower({ key, commandAt: () => command, onEnd: () => undefined }),
    output: async () => Buffer.from((await command.read("stdout", 0, 1_000)).bytes).toString(),
  };
}

it("tells nothing twice when a stream begins again from an earlier place of the same epoch", async () => {
  const { follower: spools, output } = follower();
  const feed = (text: string): void => spools.bytes("stdout", Buffer.from(text));
  spools.barrier("stdout", { epoch: 1, offset: 0 });
  feed("name? ");
  spools.barrier("stdout", { epoch: 1, offset: 0 });
  feed("na");
  feed("me? Ada");
  spools.barrier("stdout", { epoch: 1, offset: 5 });
  feed(" Ada, ");
  spools.barrier("stdout", { epoch: 1, offset: 15 });
  feed("36\n");
  expect(await output()).toBe("name? Ada, 36\n");
  feed(`\u001E${commandToken(key, 1)} 0 /\u001E\n`);
  expect(spools.number).toBe(2);
});

import { expect, test } from "vitest";
import { LocalCommands } from "./local-commands.ts";
import { standIn } from "./stand-in.ts";

const commands = new LocalCommands("box", 4, () => "/srv");

test("it prints what it is fed, and ends with the status that it is told", async () => {
  const command = standIn(commands, "# ssh_copy a -> b");
  expect(command).toMatchObject({ id: "box/4", state: { kind: "running" } });
  expect(await command.waitsForInput()).toBe(false);
  await command.input(">10 %\n");
  await command.input("rm -rf /\n> 20 %\n>\n");
  expect((await command.read("stdout", 0, 100)).bytes.toString()).toBe("10 %\n 20 %\n\n");
  await command.input(">copied\nexit 0\n");
  expect(command.state).toEqual({ kind: "exited", status: 0 });
  await expect(command.input(">more\n")).rejects.toMatchObject({ code: "stdin_closed" });
});

test("it is stopped by whatever would end a command, and by nothing else", async () => {
  const command = standIn(commands, "# ssh_copy a -> b");
  await expect(command.stop("STOP")).rejects.toMatchObject({ code: "unsupported" });
  expect(command.state.kind).toBe("running");
  await command.stop("INT");
  expect(command.state).toEqual({ kind: "signalled", signal: "INT" });
  const closed = standIn(commands, "# ssh_copy a -> b");
  await closed.eof();
  expect(closed.state).toEqual({ kind: "exited", status: 1 });
  const lost = standIn(commands, "# ssh_copy a -> b");
  commands.allLost("the connection was closed");
  expect(lost.state).toMatchObject({ kind: "lost" });
});

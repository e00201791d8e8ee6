import { HoldfastError } from "../../base/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { LocalCommands } from "./local-commands.ts";
import { statusOf } from "./one-exec.ts";

/** A line that is fed to it: `>` before what it prints, or `exit` and its status. */
const fedLine = /^(?:>(?<print>.*)|exit (?<status>\d{1,3}))$/s;

/**
 * A command that runs nowhere and stands for work of this process, on hosts that have no shell to hold one: it prints the lines that it is fed
 * behind `>`, and ends with the status that it is told, or when it is stopped. Throws `limit_reached`.
 */
export function standIn(commands: LocalCommands, text: string): HostCommand {
  const end = (command: HostCommand, status: number): void => {
    command.streamEnds("stdout");
    command.streamEnds("stderr");
    command.statusIs(status);
  };
  const command = commands.begin(
    { text, stdinGiven: false },
    {
      input: async (fed, lines) => {
        for (const line of lines.split("\n")) {
          const { print, status } = fedLine.exec(line)?.groups ?? {};
          if (print !== undefined) commands.output(fed, "stdout", Buffer.from(`${print}\n`));
          if (status !== undefined) end(fed, Number(status));
        }
        return Promise.resolve();
      },
      eof: async (fed) => {
        end(fed, 1);
        return Promise.resolve();
      },
      stop: async (stopped, signal) => {
        if (!["INT", "TERM", "KILL", "HUP", "QUIT"].includes(signal)) {
          throw new HoldfastError("unsupported", `${stopped.id} runs in this server, which knows no signal ${signal}`, {
            hint: "Use INT, TERM or KILL",
          });
        }
        stopped.life.signalled(signal);
        end(stopped, statusOf({ kind: "signal", signal }) ?? 1);
        return Promise.resolve();
      },
    },
  );
  command.life.note("it runs in this server and ends with it; the same call goes on then");
  return command;
}

import { HoldfastError } from "../base/index.ts";
import type { CommandView, SessionBook } from "../sessions/index.ts";

/** What a command id looks like: a session's name, a slash, a number without leading zeros. */
const commandId = /^([^\s/\p{Cc}]{1,120})\/([1-9]\d{0,8})$/u;

/** The command with this id, found through its session. Rejects with `bad_input`, `session_unknown` or `command_unknown`. */
export async function findCommand(sessions: SessionBook, id: string): Promise<CommandView> {
  const parts = commandId.exec(id);
  const [, name, number] = parts ?? [];
  if (name === undefined || number === undefined) {
    throw new HoldfastError("bad_input", `${JSON.stringify(id.slice(0, 80))} is no command id`, {
      hint: 'A command id is a session and a number, like web1/7. ssh_list {"what":"commands"} shows them',
    });
  }
  const session = await sessions.get(name);
  return session.command(Number(number));
}

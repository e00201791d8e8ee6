import { HoldfastError } from "../../base/index.ts";
import type { HostCommand } from "../commands/host-command.ts";

/** A command is refused because another one runs in the session's shell. */
export function busyError(running: HostCommand): HoldfastError {
  return new HoldfastError("session_busy", `${running.id} still runs in this session`, {
    hint: `Wait for it with ssh_read {"command":"${running.id}","wait_s":30}, stop it with ssh_stop, or open another session with ssh_open and a name of its own`,
  });
}

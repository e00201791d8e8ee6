import { type FirstExec, type SshConnection, withExec } from "../../ssh/index.ts";
import { withIdleLimitOf } from "../connections/idle-limit.ts";

/** How our scripts are started, and what restricted shells (which know no `exec` and no slash) take instead. */
const usual = /^exec \/bin\/sh /;
const plain = "sh ";

/** Connections from `connect` for a login whose shell is restricted. */
export function plainly(
  connect: (first?: FirstExec) => Promise<SshConnection>,
): (first?: FirstExec) => Promise<SshConnection> {
  return async (first) => plainBoot(await connect(first && { ...first, command: first.command.replace(usual, plain) }));
}

/** The same connection for a login whose shell is restricted: `sh` is looked up in its PATH. */
function plainBoot(connection: SshConnection): SshConnection {
  const booting = withExec(connection, (command, listener, options) =>
    connection.exec(command.replace(usual, plain), listener, options),
  );
  return withIdleLimitOf(connection, booting);
}

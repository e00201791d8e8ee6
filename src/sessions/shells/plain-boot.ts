import { type SshConnection, withExec } from "../../ssh/index.ts";

/** How our scripts are started, and what restricted shells (which know no `exec` and no slash) take instead. */
const usual = /^exec \/bin\/sh /;
const plain = "sh ";

/** The same connection for a login whose shell is restricted: `sh` is looked up in its PATH. */
export function plainBoot(connection: SshConnection): SshConnection {
  return withExec(connection, (command, listener, options) =>
    connection.exec(command.replace(usual, plain), listener, options),
  );
}

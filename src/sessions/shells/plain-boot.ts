import type { SshConnection } from "../../ssh/index.ts";

/** How our scripts are started, and what restricted shells (which know no `exec` and no slash) take instead. */
const usual = /^exec \/bin\/sh /;
const plain = "sh ";

/** The same connection for a login whose shell is restricted: `sh` is looked up in its PATH. */
export function plainBoot(connection: SshConnection): SshConnection {
  return {
    get serverIdentification() {
      return connection.serverIdentification;
    },
    get closed() {
      return connection.closed;
    },
    get freeChannels() {
      return connection.freeChannels;
    },
    get channelLimit() {
      return connection.channelLimit;
    },
    exec: (command, listener, options) => connection.exec(command.replace(usual, plain), listener, options),
    shell: (terminal, listener) => connection.shell(terminal, listener),
    sftp: () => connection.sftp(),
    alive: (limitMs) => connection.alive(limitMs),
    forwardOut: (to) => connection.forwardOut(to),
    onClosed: (listener) => {
      connection.onClosed(listener);
    },
    close: () => connection.close(),
  };
}

import type { SshConnection } from "./engine.ts";

/** The same connection with another way to run commands. */
export function withExec(connection: SshConnection, exec: SshConnection["exec"]): SshConnection {
  return {
    get serverIdentification() {
      return connection.serverIdentification;
    },
    get hostKey() {
      return connection.hostKey;
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
    get carriesX11() {
      return connection.carriesX11;
    },
    get idle() {
      return connection.idle;
    },
    exec,
    shell: (terminal, listener) => connection.shell(terminal, listener),
    sftp: (program) => connection.sftp(program),
    alive: (limitMs) => connection.alive(limitMs),
    forwardOut: (to) => connection.forwardOut(to),
    forwardIn: (at, offered) => connection.forwardIn(at, offered),
    onClosed: (listener) => {
      connection.onClosed(listener);
    },
    close: () => connection.close(),
  };
}

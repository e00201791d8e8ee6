import type { Client, SFTPWrapper } from "ssh2";
import { after } from "../base/index.ts";
import type { SftpProgram } from "./engine.ts";
import { leanDecipher } from "./lean-decipher.ts";
import { largeDataBytes } from "./packet-gatherer.ts";
import { type ChannelBook, channelBookOf, protocolOf } from "./ssh2-internals.ts";

/** A server that is there closes a channel within a round trip; one that does not has its refusal told all the same. */
const closeWaitMs = 3000;

/**
 * Starts SFTP. Where the server refuses that, closes the channel that was opened for it, which ssh2 leaves open, and tells
 * the refusal when the server has closed it, too: until then the channel counts as one of those that it allows.
 * `program` is run for it instead of the server's own.
 */
export function startSftp(
  client: Client,
  program: SftpProgram | undefined,
  done: (error: Error | undefined, sftp: SFTPWrapper) => void,
): void {
  const book = channelBookOf(client);
  let number = -1;
  const add = (onOpen: Parameters<ChannelBook["add"]>[0]): number => {
    Reflect.deleteProperty(book, "add");
    number = book.add(program === undefined ? onOpen : running(client, program, onOpen));
    return number;
  };
  // ssh2 gives the channel its number before this call of it returns.
  Object.assign(book, { add });
  const asked = askForLargePackets(client);
  client.sftp((error, sftp) => {
    const left: unknown = error === undefined ? undefined : book.get(number);
    if (isClosable(left)) closeFirst(left, () => done(error, sftp));
    else done(error, sftp);
  });
  asked();
}

/** Until what it gives is called, channels are asked for with large packets, where we can take them: each costs either side a cipher and more. */
function askForLargePackets(client: Client): () => void {
  if (!leanDecipher(client)) return () => undefined;
  const protocol = protocolOf(client);
  const session = (channel: number, windowBytes: number): void => {
    Reflect.deleteProperty(protocol, "session");
    protocol.session(channel, windowBytes, largeDataBytes);
  };
  Object.assign(protocol, { session });
  return () => Reflect.deleteProperty(protocol, "session");
}

type Opened = Parameters<ChannelBook["add"]>[0];

/** ssh2 asks for the subsystem as soon as it is told that the channel is open; what it asks for then is the program. */
function running(client: Client, program: SftpProgram, onOpen: Opened): Opened {
  const opened: Opened = (error, channel) => {
    const protocol = protocolOf(client);
    const subsystem = (id: number): void => {
      protocol.exec(id, program.command, true);
    };
    Object.assign(protocol, { subsystem });
    if (typeof channel === "object" && channel !== null) hear(channel, program);
    try {
      onOpen(error, channel);
    } finally {
      Reflect.deleteProperty(protocol, "subsystem");
    }
  };
  // ssh2 keeps there what the channel is for.
  return Object.assign(opened, onOpen);
}

/** ssh2 throws the stderr of file transfer away. */
function hear(channel: object, program: SftpProgram): void {
  const silent: unknown = Reflect.get(channel, "stderr");
  const push = (bytes: unknown): void => {
    if (bytes instanceof Uint8Array) program.onStderr(bytes);
  };
  Reflect.set(channel, "stderr", { ...(typeof silent === "object" ? silent : {}), push });
}

interface Closable {
  destroy(): void;
  once(event: "close", listener: () => void): void;
}

function isClosable(value: unknown): value is Closable {
  if (typeof value !== "object" || value === null) return false;
  return typeof Reflect.get(value, "destroy") === "function" && typeof Reflect.get(value, "once") === "function";
}

/** Closes a channel and calls `done` when the server has closed it, at the latest after {@link closeWaitMs}. */
function closeFirst(channel: Closable, done: () => void): void {
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    giveUp();
    done();
  };
  const giveUp = after(closeWaitMs, finish);
  channel.once("close", finish);
  channel.destroy();
}

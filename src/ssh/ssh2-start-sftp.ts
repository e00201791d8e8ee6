import type { Client, SFTPWrapper } from "ssh2";
import { after } from "../base/index.ts";
import { type ChannelBook, channelBookOf } from "./ssh2-internals.ts";

/** A server that is there closes a channel within a round trip; one that does not has its refusal told all the same. */
const closeWaitMs = 3000;

/**
 * Starts SFTP. Where the server refuses that, closes the channel that was opened for it, which ssh2 leaves open, and tells
 * the refusal when the server has closed it, too: until then the channel counts as one of those that it allows.
 */
export function startSftp(client: Client, done: (error: Error | undefined, sftp: SFTPWrapper) => void): void {
  const book = channelBookOf(client);
  let number = -1;
  const add = (onOpen: Parameters<ChannelBook["add"]>[0]): number => {
    Reflect.deleteProperty(book, "add");
    number = book.add(onOpen);
    return number;
  };
  // ssh2 gives the channel its number before this call of it returns.
  Object.assign(book, { add });
  client.sftp((error, sftp) => {
    const left: unknown = error === undefined ? undefined : book.get(number);
    if (isClosable(left)) closeFirst(left, () => done(error, sftp));
    else done(error, sftp);
  });
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

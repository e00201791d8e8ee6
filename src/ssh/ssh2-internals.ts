import { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { HoldfastError } from "../base/index.ts";

/**
 * The parts of ssh2 1.17 below its public interface that we drive ourselves: opening session channels ahead of need,
 * larger receive windows, and probes of life. Everything is checked before use; another version fails at once and clearly.
 */
interface Protocol {
  session(channel: number, windowBytes: number, packetBytes: number): void;
  exec(channel: number, command: string, wantReply: boolean): void;
  shell(channel: number, wantReply: boolean): void;
  pty(
    channel: number,
    rows: number,
    columns: number,
    height: number,
    width: number,
    term: string,
    modes: null,
    wantReply: boolean,
  ): void;
  windowChange(channel: number, rows: number, columns: number, height: number, width: number): void;
  channelWindowAdjust(channel: number, bytes: number): void;
  ping(): void;
}

interface ChannelBook {
  add(onOpen: (error: Error | undefined, channel: unknown) => void): number;
}

interface ChannelParts {
  readonly incoming: { window: number; readonly state: string };
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _callbacks: ((failed: unknown) => void)[];
}

export type SessionStream = ClientChannel & ChannelParts;

/** The largest packet that we ask for, as ssh2 does. */
const packetBytes = 32 * 1024;

/** What ssh2 believes a new channel's window to be, whatever was sent; it is told the truth when the channel is open. */
export const receiveWindowBytes = 4 * 1024 * 1024;

function unexpected(what: string): HoldfastError {
  return new HoldfastError("internal", `ssh2 has no ${what} as version 1.17 has`, {
    hint: "Install the version of Holdfast again, unchanged",
  });
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === "object" && value !== null && names.every((name) => typeof Reflect.get(value, name) === "function")
  );
}

function isProtocol(value: unknown): value is Protocol {
  return hasMethods(value, ["session", "exec", "shell", "pty", "windowChange", "channelWindowAdjust", "ping"]);
}

function isChannelBook(value: unknown): value is ChannelBook {
  return hasMethods(value, ["add"]);
}

function isCallbackList(value: unknown): value is ((failed: unknown) => void)[] {
  return Array.isArray(value);
}

function isSessionStream(value: unknown): value is SessionStream {
  if (!(value instanceof Duplex)) return false;
  const incoming: unknown = Reflect.get(value, "incoming");
  const outgoing: unknown = Reflect.get(value, "outgoing");
  if (typeof incoming !== "object" || incoming === null || typeof outgoing !== "object" || outgoing === null) {
    return false;
  }
  return (
    typeof Reflect.get(incoming, "window") === "number" &&
    typeof Reflect.get(outgoing, "id") === "number" &&
    isCallbackList(Reflect.get(value, "_callbacks"))
  );
}

/** ssh2's packet writer of a connected client. Throws `internal` when ssh2 is another than we know. */
export function protocolOf(client: Client): Protocol {
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (!isProtocol(protocol)) throw unexpected("packet writer");
  return protocol;
}

/** Opens a session channel on which nothing runs yet, with our receive window. Rejects with ssh2's error (`reason` as in RFC 4254 §5.1). */
export function openSession(client: Client): Promise<SessionStream> {
  return new Promise((resolve, reject) => {
    const book: unknown = Reflect.get(client, "_chanMgr");
    if (!isChannelBook(book)) throw unexpected("channel book");
    const opened = (error: Error | undefined, channel: unknown): void => {
      if (error !== undefined) reject(error);
      else if (!isSessionStream(channel)) reject(unexpected("channel"));
      else {
        channel.incoming.window = receiveWindowBytes;
        resolve(channel);
      }
    };
    protocolOf(client).session(book.add(Object.assign(opened, { type: "session" })), receiveWindowBytes, packetBytes);
  });
}

/** Sends a keepalive request; resolves when the server has answered it, in whatever way. May never resolve if it does not. */
export function roundTrip(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const callbacks: unknown = Reflect.get(client, "_callbacks");
    if (!isCallbackList(callbacks)) throw unexpected("list of global requests");
    callbacks.push(() => {
      resolve();
    });
    protocolOf(client).ping();
  });
}

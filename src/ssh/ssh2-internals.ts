import { Duplex } from "node:stream";
import type { Channel, Client, ClientChannel, ParsedKey, SFTPWrapper } from "ssh2";
import { HoldfastError } from "../base/index.ts";

/**
 * The parts of ssh2 1.17 below its public interface that we drive ourselves: opening session channels ahead of need,
 * larger receive windows, and probes of life. Everything is checked before use; another version fails at once and clearly.
 */
interface Protocol {
  service(name: string): void;
  authPK(user: string, key: ParsedKey, algorithm?: string, sign?: Signer): void;
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
  channelData(channel: number, bytes: Buffer): void;
  channelClose(channel: number): void;
  signal(channel: number, name: string): void;
  x11Forward(
    channel: number,
    display: { readonly protocol: string; readonly cookie: string; readonly screen: number },
    wantReply: boolean,
  ): void;
  ping(): void;
}

type Signer = (data: Buffer, give: (signature: Buffer) => void) => void;

export interface ChannelBook {
  add(onOpen: (error: Error | undefined, channel: unknown) => void): number;
  remove(channel: number): void;
  get(channel: number): unknown;
}

interface Windows {
  readonly incoming: { window: number; readonly state: string };
  readonly outgoing: { readonly id: number; window: number; readonly state: string };
}

interface ChannelParts extends Windows {
  /** More room is to be told to whoever writes. */
  _waitWindow: boolean;
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

const protocolMethods = [
  "service",
  "authPK",
  "session",
  "exec",
  "shell",
  "pty",
  "windowChange",
  "channelWindowAdjust",
  "channelData",
  "channelClose",
  "signal",
  "x11Forward",
  "ping",
];

function isProtocol(value: unknown): value is Protocol {
  return hasMethods(value, protocolMethods);
}

function isChannelBook(value: unknown): value is ChannelBook {
  return hasMethods(value, ["add", "remove", "get"]);
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
    typeof Reflect.get(outgoing, "window") === "number" &&
    typeof Reflect.get(value, "_waitWindow") === "boolean" &&
    isCallbackList(Reflect.get(value, "_callbacks"))
  );
}

/** ssh2's list of a connected client's channels. Throws `internal` when ssh2 is another than we know. */
export function channelBookOf(client: Client): ChannelBook {
  const book: unknown = Reflect.get(client, "_chanMgr");
  if (!isChannelBook(book)) throw unexpected("channel book");
  return book;
}

/** ssh2's packet writer of a connected client. Throws `internal` when ssh2 is another than we know. */
export function protocolOf(client: Client): Protocol {
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (!isProtocol(protocol)) throw unexpected("packet writer");
  return protocol;
}

/** What ssh2 counts of a file transfer channel's two directions, and its packet writer; undefined when ssh2 is another than we know. */
export function windowsOf(wrapper: SFTPWrapper): (Windows & { readonly protocol: Protocol }) | undefined {
  const protocol: unknown = Reflect.get(wrapper, "_protocol");
  return hasWindows(wrapper) && isProtocol(protocol)
    ? { incoming: wrapper.incoming, outgoing: wrapper.outgoing, protocol }
    : undefined;
}

function hasWindows(value: object): value is Windows {
  const incoming: unknown = Reflect.get(value, "incoming");
  const outgoing: unknown = Reflect.get(value, "outgoing");
  return (
    isObject(incoming) &&
    isObject(outgoing) &&
    typeof Reflect.get(incoming, "window") === "number" &&
    typeof Reflect.get(outgoing, "id") === "number"
  );
}

/** ssh2's ways of decrypting that are known to write all that they get elsewhere at once. Others keep pieces of it, or decrypt in place. */
const decryptingElsewhere: readonly unknown[] = ["AESGCMDecipherNative", "GenericDecipherNative"];

/** Whether ssh2 has no more use for received bytes when it has parsed them. What is not known counts as no. */
export function decryptsElsewhere(client: Client): boolean {
  const protocol: unknown = Reflect.get(client, "_protocol");
  const decipher: unknown = isObject(protocol) ? Reflect.get(protocol, "_decipher") : undefined;
  return isObject(decipher) && decryptingElsewhere.includes(decipher.constructor.name);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/**
 * Asks for a session channel with our receive window. `opened` is called with the channel before anything else of it is looked at, or
 * with ssh2's error (`reason` as in RFC 4254 §5.1). Gives what takes the question back: nothing is told then.
 */
export function askForSession(client: Client, opened: (outcome: SessionStream | Error) => void): () => void {
  const book = channelBookOf(client);
  let wanted = true;
  const answered = (error: Error | undefined, channel: unknown): void => {
    if (!wanted) return;
    if (error !== undefined) opened(error);
    else if (!isSessionStream(channel)) opened(unexpected("channel"));
    else {
      channel.incoming.window = receiveWindowBytes;
      opened(channel);
    }
  };
  const number = book.add(Object.assign(answered, { type: "session" }));
  protocolOf(client).session(number, receiveWindowBytes, packetBytes);
  return () => {
    wanted = false;
    book.remove(number);
  };
}

/** Opens a session channel on which nothing runs yet. Rejects with ssh2's error. */
export function openSession(client: Client): Promise<SessionStream> {
  return new Promise((resolve, reject) => {
    askForSession(client, (outcome) => {
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
  });
}

/**
 * Closes a channel and says nothing more on it: ssh2 would still tell of room while it reads what came late, and dropbear ends the whole
 * connection over a word on a channel that it has closed, too.
 */
export function closeForGood(channel: Channel): void {
  const incoming: unknown = Reflect.get(channel, "incoming");
  if (typeof incoming !== "object" || incoming === null) throw unexpected("channel");
  Reflect.set(incoming, "window", Number.MAX_SAFE_INTEGER);
  channel.close();
}

/** How far the server's side of a channel is: `open`, `eof` once it has sent all, `closed`. */
export function incomingState(channel: Duplex): string {
  const incoming: unknown = Reflect.get(channel, "incoming");
  if (typeof incoming !== "object" || incoming === null) throw unexpected("channel");
  return String(Reflect.get(incoming, "state"));
}

/** From now on connections of X11 programs are told of instead of being refused. */
export function acceptX11(client: Client): void {
  if (typeof Reflect.get(client, "_acceptX11") !== "number") throw unexpected("count of X11 channels");
  Reflect.set(client, "_acceptX11", 1);
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

/**
 * Tells what the server would still take, and whether an attempt was right but not enough, at each refusal of a login.
 * ssh2 itself keeps that back after keys of an agent. Call it when `connect` has been called on the client.
 */
export function watchRefusals(client: Client, refused: (methods: readonly string[], partial: boolean) => void): void {
  const handlers: unknown = Reflect.get(protocolOf(client), "_handlers");
  if (typeof handlers !== "object" || handlers === null) throw unexpected("message handlers");
  const original: unknown = Reflect.get(handlers, "USERAUTH_FAILURE");
  if (typeof original !== "function") throw unexpected("handler of refused logins");
  const watched = (protocol: unknown, methods: unknown, partial: unknown): void => {
    const names = Array.isArray(methods) ? methods.filter((method) => typeof method === "string") : [];
    refused(names, partial === true);
    Reflect.apply(original, undefined, [protocol, methods, partial]);
  };
  Reflect.set(handlers, "USERAUTH_FAILURE", watched);
}

import type { SFTPWrapper } from "ssh2";
import { windowsOf } from "./ssh2-internals.ts";

/** The parts of ssh2's file transfer below its public interface that we drive ourselves. What is not as in version 1.17 is left to ssh2. */
interface Outbox {
  add(bytes: Buffer): void;
  flush(): void;
}

/** Has what is sent on a file transfer channel go through an outbox that `make` gives; whatever is in it when the channel is closed goes out before. */
export function divertTransfer(wrapper: SFTPWrapper, make: (send: (bytes: Buffer) => void) => Outbox): void {
  const windows = windowsOf(wrapper);
  if (windows === undefined) return;
  const { outgoing, protocol } = windows;
  const outbox = make((bytes) => {
    if (outgoing.state !== "closed") protocol.channelData(outgoing.id, bytes);
  });
  const methods = {
    channelData: (_channel: number, bytes: Buffer) => outbox.add(bytes),
    channelClose: (channel: number) => {
      outbox.flush();
      protocol.channelClose(channel);
    },
    channelWindowAdjust: (channel: number, bytes: number) => protocol.channelWindowAdjust(channel, bytes),
  };
  Reflect.set(wrapper, "_protocol", Object.assign(Object.create(protocol), methods));
}

/** A read that waits for its answer. */
export interface PendingRead {
  /** Where the bytes are wanted. */
  readonly buffer: Uint8Array;
  answer(bytes: number): void;
}

interface Intake {
  take(bytes: Buffer): void;
}

interface AnswerWays {
  /** Hands bytes to ssh2. */
  pass(bytes: Buffer): void;
  /** The read with that number; undefined when it is none that waits, or another request. */
  find(request: number): PendingRead | undefined;
}

/** Has what comes in on a file transfer channel go through an intake that `make` gives. */
export function divertAnswers(wrapper: SFTPWrapper, make: (ways: AnswerWays) => Intake): void {
  const push: unknown = Reflect.get(wrapper, "push");
  if (typeof push !== "function") return;
  const give = (bytes: Buffer | null): void => void Reflect.apply(push, wrapper, [bytes]);
  const intake = make({ pass: give, find: (request) => pendingRead(wrapper, request) });
  Reflect.set(wrapper, "push", (bytes: Buffer | null) => {
    if (bytes === null) give(bytes);
    else intake.take(bytes);
  });
}

function pendingRead(wrapper: SFTPWrapper, number: number): PendingRead | undefined {
  const requests = requestsOf(wrapper);
  const request: unknown = requests === undefined ? undefined : Reflect.get(requests, number);
  if (requests === undefined || typeof request !== "object" || request === null) return undefined;
  const buffer: unknown = Reflect.get(request, "buffer");
  const done: unknown = Reflect.get(request, "cb");
  if (!(buffer instanceof Uint8Array) || typeof done !== "function") return undefined;
  return {
    buffer,
    answer: (bytes) => {
      Reflect.deleteProperty(requests, number);
      Reflect.apply(done, request, [undefined, buffer, bytes]);
    },
  };
}

function requestsOf(wrapper: SFTPWrapper): object | undefined {
  const requests: unknown = Reflect.get(wrapper, "_requests");
  return typeof requests === "object" && requests !== null ? requests : undefined;
}

/** The server's answer to a request: undefined for yes. */
type Done = (error: Error | undefined) => void;

/**
 * Begins a request of `bytes` bytes in all, of which the server has room for every one: its number, and what sends a piece of at most `packetBytes` at once.
 * Undefined where there is no such room now; then it is to be made in the usual way.
 */
export function beginRequest(wrapper: SFTPWrapper, bytes: number, done: Done): OpenRequest | undefined {
  const windows = windowsOf(wrapper);
  const requests = requestsOf(wrapper);
  const waiting: unknown = Reflect.get(wrapper, "_buffer");
  const last: unknown = Reflect.get(wrapper, "_writeReqid");
  if (windows === undefined || requests === undefined || typeof last !== "number") return undefined;
  const { outgoing, protocol } = windows;
  const packetBytes: unknown = Reflect.get(outgoing, "packetSize");
  if (!Array.isArray(waiting) || waiting.length > 0 || typeof packetBytes !== "number") return undefined;
  if (outgoing.state !== "open" || outgoing.window <= bytes) return undefined;
  const number = (last + 1) & largestNumber;
  Reflect.set(wrapper, "_writeReqid", number);
  Reflect.set(requests, number, { cb: done });
  outgoing.window -= bytes;
  return { number, packetBytes, send: (piece) => protocol.channelData(outgoing.id, piece) };
}

/** Numbers are counted in 32 bits, where ssh2 lets the sign in. */
const largestNumber = 0x7fff_ffff;

interface OpenRequest {
  readonly number: number;
  readonly packetBytes: number;
  send(piece: Buffer): void;
}

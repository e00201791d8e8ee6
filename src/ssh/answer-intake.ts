import type { SFTPWrapper } from "ssh2";
import { divertAnswers, type PendingRead } from "./ssh2-transfer-internals.ts";

/** SSH_FXP_DATA (draft-ietf-secsh-filexfer-02 §3). */
const dataType = 103;

/** Of an answer: its length without these four bytes, its type. */
const typeAt = 4;
const kindBytes = 5;

/** Of one that holds data also: its request's number, the length of the data. */
const requestAt = 5;
const sizeAt = 9;
const headBytes = 13;

interface AnswerWays {
  pass(bytes: Buffer): void;
  find(request: number): PendingRead | undefined;
}

/**
 * Takes the bytes that were asked for out of what the server sends and puts them where they are wanted; all else goes on to ssh2 as it is. By itself ssh2
 * gathers every answer in memory of its own first, and a fast stream of that keeps the collector busy.
 */
export class AnswerIntake {
  readonly #ways: AnswerWays;
  readonly #head = Buffer.alloc(headBytes);
  #headLength = 0;
  /** So much of this answer is still to go on to ssh2. */
  #passing = 0;
  #read: PendingRead | undefined;
  #size = 0;
  #filled = 0;

  constructor(ways: AnswerWays) {
    this.#ways = ways;
  }

  take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#passing > 0) at += this.#passOn(bytes.subarray(at, at + this.#passing));
      else if (this.#read === undefined) at += this.#readHead(bytes.subarray(at));
      else at += this.#fill(this.#read, bytes.subarray(at, at + this.#size - this.#filled));
    }
  }

  #passOn(some: Buffer): number {
    this.#passing -= some.length;
    this.#ways.pass(some);
    return some.length;
  }

  #fill(read: PendingRead, some: Buffer): number {
    read.buffer.set(some, this.#filled);
    this.#filled += some.length;
    if (this.#filled === this.#size) this.#finish(read);
    return some.length;
  }

  #finish(read: PendingRead): void {
    this.#read = undefined;
    read.answer(this.#size);
  }

  #readHead(bytes: Buffer): number {
    const isData = this.#headLength >= kindBytes;
    const used = bytes.copy(this.#head, this.#headLength, 0, (isData ? headBytes : kindBytes) - this.#headLength);
    this.#headLength += used;
    if (this.#headLength < kindBytes) return used;
    const length = this.#head.readUInt32BE(0);
    const mayBeData = this.#head[typeAt] === dataType && length >= headBytes - typeAt;
    if (!mayBeData) this.#passHead(length);
    else if (this.#headLength === headBytes) this.#begin(length);
    return used;
  }

  /** The head of data is complete. */
  #begin(length: number): void {
    const size = this.#head.readUInt32BE(sizeAt);
    const read = this.#ways.find(this.#head.readUInt32BE(requestAt));
    const fits = read !== undefined && size <= read.buffer.length && size === length - (headBytes - typeAt);
    if (!fits) {
      this.#passHead(length);
      return;
    }
    this.#headLength = 0;
    this.#size = size;
    this.#filled = 0;
    this.#read = read;
    if (size === 0) this.#finish(read);
  }

  #passHead(length: number): void {
    const head = Buffer.from(this.#head.subarray(0, this.#headLength));
    this.#headLength = 0;
    this.#passing = Math.max(0, length + typeAt - head.length);
    this.#ways.pass(head);
  }
}

/** From now on what was asked for on this channel is put where it is wanted. */
export function placeAnswers(wrapper: SFTPWrapper): void {
  divertAnswers(wrapper, (ways) => new AnswerIntake(ways));
}

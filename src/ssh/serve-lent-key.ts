import type { Duplex } from "node:stream";
import { after } from "../base/index.ts";
import type { LentKey } from "./lent-key.ts";
import { readPamRequest, type PamRequest } from "./pam-request.ts";
import { WireReader } from "./wire-reader.ts";
import { wireString, wireUint32 } from "./wire.ts";

/** Messages of the agent protocol (RFC 9987). */
const message = { failure: 5, requestIdentities: 11, identities: 12, sign: 13, signature: 14 } as const;

/** What pam_ssh_agent_auth has signed is a few hundred bytes, and its command line 64 KB at most. */
const largestMessageBytes = 128 * 1024;

/** It asks for the keys, then for one signature. */
const mostMessages = 8;

/** Whoever connects asks at once. */
const limitMs = 30_000;

const failure = Buffer.from([message.failure]);

/**
 * Is an agent with one key, for pam_ssh_agent_auth alone, until whoever has connected leaves or 30 s have passed. Whatever it is to sign that is
 * not allowed by `judge`, or is no request of that, it refuses. Never throws.
 */
export function serveLentKey(stream: Duplex, key: LentKey, judge: (request: PamRequest) => Promise<boolean>): void {
  let received = Buffer.alloc(0);
  let messages = 0;
  let turn: Promise<void> = Promise.resolve();
  const cancel = after(limitMs, () => stream.destroy());
  stream.on("close", cancel);
  stream.on("error", () => stream.destroy());
  stream.on("end", () => stream.end());
  stream.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 4) {
      const length = received.readUInt32BE(0);
      if (length > largestMessageBytes || (messages += 1) > mostMessages) return void stream.destroy();
      if (received.length < 4 + length) {
        messages -= 1;
        return;
      }
      const body = received.subarray(4, 4 + length);
      received = received.subarray(4 + length);
      turn = turn.then(async () => {
        const answer = await answerTo(body, key, judge).catch(() => failure);
        if (!stream.destroyed) stream.write(wireString(answer));
      });
    }
  });
}

async function answerTo(body: Buffer, key: LentKey, judge: (request: PamRequest) => Promise<boolean>): Promise<Buffer> {
  const reader = new WireReader(body);
  const kind = reader.byte();
  if (kind === message.requestIdentities) {
    const { blob } = key;
    return Buffer.concat([Buffer.from([message.identities]), wireUint32(1), wireString(blob), wireString("holdfast")]);
  }
  if (kind !== message.sign || !reader.string().equals(key.blob)) return failure;
  const data = Buffer.from(reader.string());
  const flags = reader.uint32();
  const request = readPamRequest(data, key.blob);
  if (request === undefined || !(await judge(request))) return failure;
  return Buffer.concat([Buffer.from([message.signature]), wireString(await key.sign(data, flags))]);
}

import { connect } from "node:net";
import { after, messageOf } from "../base/index.ts";
import { WireReader } from "./wire-reader.ts";
import { keyTypeOf, wireString, wireUint32 } from "./wire.ts";

/** A key or certificate that an agent holds, whatever its type. */
export interface AgentKey {
  readonly blob: Buffer;
  readonly comment: string;
}

/** Messages of the agent protocol (RFC 9987). */
const message = { requestIdentities: 11, identities: 12, sign: 13, signature: 14 } as const;

/** An agent that does not list its keys within this time is left out: a login must not hang on it. */
const listLimitMs = 5000;

/** Signing may need a person: a touch of a token, a confirmation. Servers wait for 2 minutes (LoginGraceTime). */
const signLimitMs = 120_000;

/** What OpenSSH's own client takes at most (AGENT_MAX_LEN). */
const largestAnswerBytes = 256 * 1024;

/** What OpenSSH's own client takes at most (MAX_AGENT_IDENTITIES). */
const mostKeys = 2048;

/** Sends one message to the agent and resolves with its answer; rejects when none comes in time. */
function ask(socketPath: string, body: Buffer, limitMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let received = Buffer.alloc(0);
    const finish = (act: () => void): void => {
      cancel();
      socket.destroy();
      act();
    };
    const fail = (why: string): void => finish(() => reject(new Error(why)));
    const cancel = after(limitMs, () => fail(`the agent did not answer within ${limitMs / 1000} s`));
    // Never taken off: an error may follow another one.
    socket.on("error", (error) => fail(`the agent cannot be asked: ${messageOf(error)}`));
    socket.on("close", () => fail("the agent closed the connection"));
    socket.on("connect", () => socket.write(wireString(body)));
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 4) return;
      const length = received.readUInt32BE(0);
      if (length > largestAnswerBytes) fail("the agent's answer is too long");
      else if (received.length >= 4 + length) finish(() => resolve(received.subarray(4, 4 + length)));
    });
  });
}

/** The keys of the agent at `socketPath` (a Unix socket, or a named pipe of Windows), in its order. Rejects when it cannot be asked. */
export async function listAgentKeys(socketPath: string): Promise<readonly AgentKey[]> {
  const reader = new WireReader(await ask(socketPath, Buffer.from([message.requestIdentities]), listLimitMs));
  if (reader.byte() !== message.identities) throw new Error("the agent refused to list its keys");
  const count = Math.min(reader.uint32(), mostKeys);
  const keys: AgentKey[] = [];
  for (let index = 0; index < count; index += 1) {
    const blob = Buffer.from(reader.string());
    const comment = reader.text();
    if (keyTypeOf(blob) !== undefined) keys.push({ blob, comment });
  }
  return keys;
}

/** The whole signature of `data` by the agent's key, as it made it. Rejects when it refuses or does not answer; a person may have to act. */
export async function signByAgent(
  socketPath: string,
  request: { readonly blob: Buffer; readonly data: Buffer; readonly flags: number },
): Promise<Buffer> {
  const body = Buffer.concat([
    Buffer.from([message.sign]),
    wireString(request.blob),
    wireString(request.data),
    wireUint32(request.flags),
  ]);
  const reader = new WireReader(await ask(socketPath, body, signLimitMs));
  if (reader.byte() !== message.signature) throw new Error("the agent refused to sign");
  return Buffer.from(reader.string());
}

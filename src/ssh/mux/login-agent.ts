import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { KeyOffer } from "../credentials.ts";
import type { Identity } from "../identity.ts";
import { keyAlgorithm, plainKeyType, safeRsaSignatures, type KeyAlgorithm } from "../key-algorithm.ts";
import { signWithPerson, type AskPassphrase } from "../sign-with-person.ts";
import { WireReader } from "../wire-reader.ts";
import { wireString, wireUint32 } from "../wire.ts";
import type { PrivateDirectory } from "./private-directory.ts";

/** Messages of the agent protocol (RFC 9987). */
const message = { failure: 5, requestIdentities: 11, identities: 12, sign: 13, signature: 14 } as const;

/** As OpenSSH's own agent (AGENT_MAX_LEN). */
const longestRequest = 256 * 1024;

interface AgentParts {
  readonly keys: readonly KeyOffer[];
  readonly passphrase: AskPassphrase;
  /** Stops the clock of the login until the returned function is called: an agent or a person may be asked. */
  readonly hold: () => () => void;
  /** The key that was offered last could not sign. */
  readonly failed: (reason: unknown) => void;
}

/** The algorithm that ssh asks for by `flags`, where the key may sign so: SHA-1 is for old servers only. */
function algorithmFor({ type, signatures = safeRsaSignatures }: Identity, flags: number): KeyAlgorithm | undefined {
  if (plainKeyType(type) !== "ssh-rsa") return keyAlgorithm(type, undefined);
  const usable = signatures.map((name) => keyAlgorithm(type, [name], [name]));
  return usable.find(({ agentFlags }) => (agentFlags === 0 ? flags === 0 : (flags & agentFlags) !== 0));
}

/**
 * An ssh-agent for one login: it offers what our own engine would offer, in the same order, and signs as that does. No key and no passphrase
 * leaves this process.
 */
export class LoginAgent {
  readonly #parts: AgentParts;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.unref();
  }

  /** Listens at `agent` in `directory`. Rejects when it cannot. */
  static async open(directory: PrivateDirectory, parts: AgentParts): Promise<LoginAgent> {
    const agent = new LoginAgent(parts);
    const path = directory.file("agent");
    await new Promise<void>((resolve, reject) => {
      agent.#server.once("error", reject);
      agent.#server.listen(path, resolve);
    });
    agent.#server.on("error", () => undefined);
    chmodSync(path, 0o600);
    return agent;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    let received = Buffer.alloc(0);
    // One after the other, as ssh asks.
    let before: Promise<void> = Promise.resolve();
    socket.on("error", () => undefined);
    socket.once("close", () => this.#open.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4) {
        const end = 4 + received.readUInt32BE(0);
        if (end > longestRequest) socket.destroy();
        if (end > longestRequest || received.length < end) return;
        const request = received.subarray(4, end);
        received = received.subarray(end);
        before = this.#answerNext(before, socket, request);
      }
    });
  }

  async #answerNext(before: Promise<void>, socket: Socket, request: Buffer): Promise<void> {
    await before;
    const reply = await this.#answer(request);
    if (socket.writable) socket.write(wireString(reply));
  }

  /** Never rejects. */
  async #answer(request: Buffer): Promise<Buffer> {
    const release = this.#parts.hold();
    try {
      const reader = new WireReader(request);
      const type = reader.byte();
      if (type === message.requestIdentities) return this.#list();
      if (type === message.sign) return await this.#sign(reader);
    } catch (error) {
      this.#parts.failed(error);
    } finally {
      release();
    }
    return Buffer.from([message.failure]);
  }

  #list(): Buffer {
    const keys = this.#parts.keys.flatMap(({ identity, label }) => [wireString(identity.blob), wireString(label)]);
    return Buffer.concat([Buffer.from([message.identities]), wireUint32(this.#parts.keys.length), ...keys]);
  }

  async #sign(reader: WireReader): Promise<Buffer> {
    const blob = reader.string();
    const data = Buffer.from(reader.string());
    const flags = reader.uint32();
    const identity = this.#parts.keys.find((key) => key.identity.blob.equals(blob))?.identity;
    const algorithm = identity === undefined ? undefined : algorithmFor(identity, flags);
    if (identity === undefined || algorithm === undefined) throw new Error("it cannot sign as ssh asks for");
    const signature = await signWithPerson(identity.signer, data, algorithm, this.#parts.passphrase);
    return Buffer.concat([Buffer.from([message.signature]), wireString(signature)]);
  }
}

import { connect, type Socket } from "node:net";
import { HoldfastError, after, messageOf, oneLine } from "../../base/index.ts";
import { WireReader } from "../wire-reader.ts";
import { wireString, wireUint32 } from "../wire.ts";

/** Messages of OpenSSH's PROTOCOL.mux. */
const hello = 1;
const version = 4;
const proxyRequest = 0x1000_000f;
const proxyGranted = 0x8000_000f;
const terminateRequest = 0x1000_0005;
const openForward = 0x1000_0006;
const closeForward = 0x1000_0007;
const ok = 0x8000_0001;
const remotePort = 0x8000_0007;
const remoteForwarding = 2;

/** In the place of a port: the address is the path of a Unix socket. */
const noPort = 0xffff_fffe;

/** The master answers from memory, but a forwarded port is asked of the server first. */
const answerMs = 10_000;

/** Answers are a few bytes, and the text of an error. */
const longestAnswer = 64 * 1024;

/** Where the server shall listen and where what comes in is to go: a path here. A `port` of -1 makes `address` a path. */
export interface ForwardRequest {
  readonly address: string;
  readonly port: number | undefined;
  readonly to: string;
}

/** The answer to a request to listen. */
export type ForwardAnswer = { readonly port: number } | { readonly refused: string };

function message(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([wireUint32(body.length), body]);
}

function gone(why: string): HoldfastError {
  return new HoldfastError("connection_lost", `the ssh that holds the connection does not answer: ${why}`, {
    hint: "Connect again",
  });
}

/** One connection to the control socket of a master. Its requests are answered in their order. */
export class ControlConnection {
  readonly #socket: Socket;
  readonly #waiting: { give(reply: Buffer): void; fail(error: HoldfastError): void }[] = [];
  #received = Buffer.alloc(0);
  #requests = 0;
  #failure: HoldfastError | undefined;
  readonly #read = (bytes: Buffer): void => {
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#take();
  };

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#read);
    socket.on("error", (error) => this.#fail(gone(messageOf(error))));
    socket.on("close", () => this.#fail(gone("it closed its control connection")));
  }

  /** Connects to the control socket at `path`. Rejects with `connection_lost`. */
  static async open(path: string): Promise<ControlConnection> {
    const control = new ControlConnection(connect(path));
    try {
      const greeting = new WireReader(await control.#ask(message(wireUint32(hello), wireUint32(version))));
      if (greeting.uint32() !== hello || greeting.uint32() !== version) throw gone("it speaks another protocol");
      return control;
    } catch (error) {
      control.close();
      throw error;
    }
  }

  /** Makes it a connection for packets, in the hands of the caller. Rejects with `unsupported` when the master is too old for that. */
  async toProxy(): Promise<Socket> {
    const reply = new WireReader(await this.#request(proxyRequest));
    if (reply.uint32() !== proxyGranted) {
      this.close();
      throw new HoldfastError("unsupported", "this ssh cannot share a connection in proxy mode", {
        hint: "Install OpenSSH 8.4 or newer",
      });
    }
    this.#socket.off("data", this.#read);
    this.#socket.pause();
    if (this.#received.length > 0) this.#socket.unshift(this.#received);
    return this.#socket;
  }

  /** Has the server listen. Rejects with `connection_lost`. */
  async listen(request: ForwardRequest): Promise<ForwardAnswer> {
    const reply = new WireReader(await this.#request(openForward, forwardParts(request)));
    const type = reply.uint32();
    reply.uint32();
    if (type === remotePort) return { port: reply.uint32() };
    if (type === ok) return { port: request.port ?? 0 };
    return { refused: reply.atEnd ? "" : oneLine(reply.text(), 200) };
  }

  /** Has the server stop to; whether it said that it does. */
  async cease(request: ForwardRequest): Promise<boolean> {
    const reply = new WireReader(await this.#request(closeForward, forwardParts(request)));
    return reply.uint32() === ok;
  }

  /** Has the master end the connection and itself. Never rejects. */
  async terminate(): Promise<void> {
    await this.#request(terminateRequest).catch(() => undefined);
  }

  close(): void {
    this.#socket.destroy();
  }

  #request(type: number, parts: readonly Buffer[] = []): Promise<Buffer> {
    this.#requests += 1;
    return this.#ask(message(wireUint32(type), wireUint32(this.#requests), ...parts));
  }

  #ask(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const cancel = after(answerMs, () => {
        this.#fail(gone("its answer did not come in time"));
        this.#socket.destroy();
      });
      this.#waiting.push({
        give: (reply) => {
          cancel();
          resolve(reply);
        },
        fail: (error) => {
          cancel();
          reject(error);
        },
      });
      this.#socket.write(request);
    });
  }

  #take(): void {
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUInt32BE(0);
      if (end > longestAnswer) {
        this.#socket.destroy();
        return;
      }
      if (this.#received.length < end) return;
      const reply = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      this.#waiting.shift()?.give(reply);
    }
  }

  #fail(error: HoldfastError): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.fail(this.#failure);
  }
}

function forwardParts({ address, port, to }: ForwardRequest): readonly Buffer[] {
  return [
    wireUint32(remoteForwarding),
    wireString(address),
    wireUint32(port ?? noPort),
    wireString(to),
    wireUint32(noPort),
  ];
}

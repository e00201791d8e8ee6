import type { Socket } from "node:net";
import { HoldfastError, after, type ErrorCode } from "../../base/index.ts";
import type { ForwardPoint } from "../../ssh/index.ts";

/** A client that knows what it wants has said so by then. */
const handshakeMs = 10_000;

/** The user id and the name of SOCKS4a are at most this long. */
const longestText = 255;

const connectCommand = 1;
const noAuthentication = 0;

/** Where a connection leads, and the way to answer whoever made it. */
export interface StreamRequest {
  readonly to: ForwardPoint;
  /** To be called before the first byte from there. */
  granted(): void;
  /** Ends the connection with the reason in the protocol's own words, if it has any. */
  refused(code: ErrorCode): void;
}

/** RFC 1928 §6. */
const refusals: Partial<Record<ErrorCode, number>> = {
  forward_refused: 2,
  connection_lost: 3,
  timed_out: 4,
  dial_failed: 5,
};
const generalFailure = 1;
const commandUnknown = 7;
const addressUnknown = 8;

/**
 * Reads the request of a SOCKS5 (RFC 1928, without authentication) or SOCKS4/4a client: CONNECT only, at most 10 s, at most some 500
 * bytes. Rejects with `bad_input` or `timed_out`; the connection is then to be ended.
 */
export async function readSocksRequest(socket: Socket): Promise<StreamRequest> {
  const reader = new SocksReader(socket);
  try {
    const [version = 0, second = 0] = await reader.take(2);
    if (version === 5) return await readSocks5(socket, reader, second);
    if (version === 4) return await readSocks4(socket, reader, second);
    throw new HoldfastError("bad_input", "a client of the SOCKS tunnel does not speak SOCKS4 or SOCKS5", {
      hint: "Set it up as a SOCKS5 proxy (socks5h://), not as an HTTP proxy",
    });
  } finally {
    reader.stop();
  }
}

async function readSocks5(socket: Socket, reader: SocksReader, methods: number): Promise<StreamRequest> {
  if (!(await reader.take(methods)).includes(noAuthentication)) {
    socket.end(Buffer.of(5, 0xff));
    throw refusal("wants to authenticate, which the tunnel does not know");
  }
  socket.write(Buffer.of(5, noAuthentication));
  const [, command = 0, , kind = 0] = await reader.take(4);
  const reply = (code: number): Buffer => Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
  const host = await readAddress(reader, kind);
  if (host === undefined) {
    socket.end(reply(addressUnknown));
    throw refusal(`gave an address of the unknown kind ${kind}`);
  }
  const port = (await reader.take(2)).readUInt16BE();
  if (command !== connectCommand) {
    socket.end(reply(commandUnknown));
    throw refusal("asked for something other than CONNECT");
  }
  return {
    to: { host: checkedHost(host), port },
    granted: () => socket.write(reply(0)),
    refused: (code) => socket.end(reply(refusals[code] ?? generalFailure)),
  };
}

async function readAddress(reader: SocksReader, kind: number): Promise<string | undefined> {
  if (kind === 1) return (await reader.take(4)).join(".");
  if (kind === 4) {
    const bytes = await reader.take(16);
    return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16)).join(":");
  }
  if (kind !== 3) return undefined;
  const [length = 0] = await reader.take(1);
  return (await reader.take(length)).toString("latin1");
}

async function readSocks4(socket: Socket, reader: SocksReader, command: number): Promise<StreamRequest> {
  const fixed = await reader.take(6);
  await reader.takeText();
  const address = fixed.subarray(2);
  // SOCKS4a: 0.0.0.x says that a name follows.
  const named = address.readUInt32BE() < 256 && address[3] !== 0;
  const host = named ? await reader.takeText() : address.join(".");
  const reply = (code: number): Buffer => Buffer.of(0, code, 0, 0, 0, 0, 0, 0);
  if (command !== connectCommand) {
    socket.end(reply(0x5b));
    throw refusal("asked for something other than CONNECT");
  }
  return {
    to: { host: checkedHost(host), port: fixed.readUInt16BE() },
    granted: () => socket.write(reply(0x5a)),
    refused: () => socket.end(reply(0x5b)),
  };
}

function checkedHost(host: string): string {
  if (/^[A-Za-z0-9._:-]+$/.test(host)) return host;
  throw refusal("gave no host name");
}

function refusal(what: string): HoldfastError {
  return new HoldfastError("bad_input", `a client of the SOCKS tunnel ${what}`);
}

/** Takes exact numbers of bytes from a connection that is not flowing yet; what follows stays for whoever reads next. */
class SocksReader {
  readonly #socket: Socket;
  readonly #cancel: () => void;
  #late = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#cancel = after(handshakeMs, () => {
      this.#late = true;
      this.#wake();
    });
    for (const event of ["readable", "end", "close"]) socket.on(event, this.#stir);
  }

  async take(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes: unknown = this.#socket.read(length);
      if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
      if (this.#late) throw new HoldfastError("timed_out", "a client of the SOCKS tunnel did not say where to in time");
      if (bytes !== null || this.#socket.readableEnded || this.#socket.destroyed) {
        throw refusal("went away before it said where to");
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Text up to a NUL. */
  async takeText(): Promise<string> {
    let text = "";
    for (let length = 0; length <= longestText; length += 1) {
      const [byte = 0] = await this.take(1);
      if (byte === 0) return text;
      text += String.fromCodePoint(byte);
    }
    throw refusal("gave a name that is too long");
  }

  stop(): void {
    this.#cancel();
    for (const event of ["readable", "end", "close"]) this.#socket.off(event, this.#stir);
  }

  readonly #stir = (): void => {
    this.#wake();
  };
}

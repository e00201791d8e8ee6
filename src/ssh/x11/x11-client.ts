import type { Socket } from "node:net";
import { HoldfastError, oneLine } from "../../base/index.ts";
import { ownGreeting } from "./x11-greeting.ts";

/** Codes of the core protocol and of the SECURITY extension (securproto.h). */
const queryExtension = 98;
const generateAuthorization = 1;
const revokeAuthorization = 2;

/** Attributes of a new cookie: how long it lasts unused, and how far it is trusted. */
const withTimeout = 1;
const withTrust = 2;
const untrusted = 1;

/** A cookie that nobody uses is void after this time, should this process die before it takes it back: nobody else knows it. */
const unusedSeconds = 3600;

/** A reply says in units of four bytes what comes behind its first 32. */
const replyBytes = 32;
const unit = 4;

/** A server's greeting has its screens and formats: a few thousand bytes. */
const longestReply = 1024 * 1024;

/** What a server says is shown up to here. */
const longestReason = 200;

const isReply = 1;
const granted = 1;

/** A cookie that the server has made, and its name there. */
export interface UntrustedCookie {
  readonly cookie: Buffer;
  readonly id: number;
}

/** Our own connection to an X server. Whoever opens it ends its socket, also when time is up: then every wait here ends. */
export class X11Client {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Shows the cookie, or none. Rejects with `auth_failed` when the server refuses it, or `connection_lost`. */
  async greet(cookie: Buffer | undefined): Promise<void> {
    this.#socket.write(ownGreeting(cookie));
    const head = await this.#read(8);
    const rest = await this.#read(head.readUInt16LE(6) * unit);
    if (head[0] === granted) return;
    const said = oneLine(rest.subarray(0, head[1]).toString(), longestReason);
    throw new HoldfastError("auth_failed", `the X server of this machine refuses the connection: ${said}`, {
      hint: "Check with xauth list that there is a cookie for this display, or set XAUTHORITY (or x11_authority in the settings) to the file that has it",
    });
  }

  /** Has the server make a cookie whose programs see nothing of others. Rejects with `unsupported` where it cannot. */
  async makeUntrusted(protocol: string): Promise<UntrustedCookie> {
    const major = await this.#securityCode();
    const name = Buffer.from(protocol);
    const fields = Buffer.alloc(8);
    fields.writeUInt16LE(name.length, 0);
    fields.writeUInt32LE(withTimeout | withTrust, 4);
    const values = Buffer.alloc(8);
    values.writeUInt32LE(unusedSeconds, 0);
    values.writeUInt32LE(untrusted, 4);
    const reply = await this.#ask([major, generateAuthorization], [fields, name, values]);
    const length = reply.readUInt16LE(12);
    const cookie = reply.subarray(replyBytes, replyBytes + length);
    if (length === 0 || cookie.length !== length) throw noSecurity();
    return { cookie, id: reply.readUInt32LE(8) };
  }

  /** Voids a cookie; the server has ended the programs that use it by then. */
  async revoke({ id }: UntrustedCookie): Promise<void> {
    const major = await this.#securityCode();
    const body = Buffer.alloc(4);
    body.writeUInt32LE(id, 0);
    this.#socket.write(request([major, revokeAuthorization], [body]));
    // It has no answer of its own, and a server may drop what it has not read of a connection that is closed.
    await this.#securityCode();
  }

  /** The extension's first byte of requests. */
  async #securityCode(): Promise<number> {
    const name = Buffer.from("SECURITY");
    const fields = Buffer.alloc(4);
    fields.writeUInt16LE(name.length, 0);
    const reply = await this.#ask([queryExtension, 0], [fields, name]);
    const [present, major = 0] = reply.subarray(8, 10);
    if (present !== 1) throw noSecurity();
    return major;
  }

  async #ask(codes: readonly [number, number], parts: readonly Buffer[]): Promise<Buffer> {
    this.#socket.write(request(codes, parts));
    const head = await this.#read(replyBytes);
    if (head[0] !== isReply) throw noSecurity();
    return Buffer.concat([head, await this.#read(head.readUInt32LE(4) * unit)]);
  }

  async #read(size: number): Promise<Buffer> {
    if (size > longestReply) throw lost();
    for (;;) {
      const bytes: unknown = size === 0 ? Buffer.alloc(0) : this.#socket.read(size);
      if (Buffer.isBuffer(bytes) && bytes.length === size) return bytes;
      if (Buffer.isBuffer(bytes) || this.#socket.readableEnded || this.#socket.destroyed) throw lost();
      await moreOf(this.#socket);
    }
  }
}

function moreOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["readable", "end", "close"]) socket.off(event, done);
      resolve();
    };
    for (const event of ["readable", "end", "close"]) socket.on(event, done);
  });
}

function request([major, minor]: readonly [number, number], parts: readonly Buffer[]): Buffer {
  const padded = parts.map((part) => Buffer.concat([part, Buffer.alloc(-part.length & 3)]));
  const body = Buffer.concat(padded);
  const head = Buffer.from([major, minor, 0, 0]);
  head.writeUInt16LE(1 + body.length / unit, 2);
  return Buffer.concat([head, body]);
}

function lost(): HoldfastError {
  return new HoldfastError("connection_lost", "the X server of this machine ended the connection", {
    hint: "Check that DISPLAY (or x11_display in the settings) is that of your screen",
  });
}

function noSecurity(): HoldfastError {
  return new HoldfastError(
    "unsupported",
    "the X server of this machine has no SECURITY extension for untrusted programs",
    {
      hint: "Start it with +extension SECURITY; or, if the host may see your screen and type into your windows, set x11: trusted",
    },
  );
}

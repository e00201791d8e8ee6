import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { after } from "../base/index.ts";
import type { X11Access } from "./engine.ts";
import { openForwardStream } from "./forward-stream.ts";
import { acceptX11, protocolOf, type SessionStream } from "./ssh2-internals.ts";
import { cookieProtocol } from "./x11/x11-authority.ts";
import { readGreeting } from "./x11/x11-greeting.ts";

/** A program says at once who it is. */
const greetingMs = 10_000;

/** Programs that have not said who they are; more at a time is an attack. */
const mostSilent = 16;

/** What programs and the X server say, until one of them waits. */
const mostStreams = 256;

const notForwarded = "the server forwards no X11 (X11Forwarding is off there, or it has no xauth)";

interface X11Deps {
  readonly client: Client;
  /** Why X11 cannot be had on this connection at all. */
  readonly hindrance: string | undefined;
}

/** X11 connections that come from the host. They carry no name of the channel they belong to: the cookie that a program shows tells. */
export class Ssh2X11 {
  readonly #deps: X11Deps;
  readonly #open = new Set<X11Access>();
  readonly #streams = new Set<Duplex>();
  #silent = 0;

  constructor(deps: X11Deps) {
    this.#deps = deps;
    deps.client.on("x11", (_from, accept, reject) => {
      if (this.#open.size === 0 || this.#silent >= mostSilent || this.#streams.size >= mostStreams) reject();
      else this.#greet(openForwardStream(accept()).stream);
    });
  }

  /** Asks for it on a channel, before what is to run there. What the server is told is no cookie of anything: only who gets `access.cookie` from us is let in. */
  request(stream: SessionStream, access: X11Access): void {
    const { client, hindrance } = this.#deps;
    if (hindrance !== undefined) {
      access.refused(hindrance);
      return;
    }
    const { screen } = access;
    const cookie = randomBytes(access.cookie.length).toString("hex");
    acceptX11(client);
    protocolOf(client).x11Forward(stream.outgoing.id, { protocol: cookieProtocol, cookie, screen }, true);
    stream._callbacks.push((failed) => {
      if (failed !== false) access.refused(notForwarded);
    });
    this.#open.add(access);
    stream.once("close", () => this.#open.delete(access));
  }

  #greet(stream: Duplex): void {
    this.#silent += 1;
    this.#streams.add(stream);
    let heard = Buffer.alloc(0);
    const settle = (): void => {
      cancel();
      stream.off("data", read);
      stream.off("close", settle);
      this.#silent -= 1;
    };
    const cancel = after(greetingMs, () => stream.destroy());
    const read = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes]);
      const greeting = readGreeting(heard);
      if (greeting === "more") return;
      settle();
      const access = greeting === "broken" ? undefined : [...this.#open].find(({ cookie }) => greeting.shows(cookie));
      if (greeting === "broken" || access === undefined) {
        stream.destroy();
        return;
      }
      stream.pause();
      if (heard.length > greeting.sizeBytes) stream.unshift(heard.subarray(greeting.sizeBytes));
      access.carry(stream, greeting);
    };
    stream.on("error", () => undefined);
    stream.on("data", read);
    stream.on("close", settle);
    stream.once("close", () => this.#streams.delete(stream));
  }
}

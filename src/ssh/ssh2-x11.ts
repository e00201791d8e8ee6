import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import type { X11Access } from "./engine.ts";
import { openForwardStream } from "./forward-stream.ts";
import { acceptX11, protocolOf, type SessionStream } from "./ssh2-internals.ts";
import { cookieProtocol } from "./x11/x11-authority.ts";
import { X11Door } from "./x11/x11-door.ts";

const notForwarded = "the server forwards no X11 (X11Forwarding is off there, or it has no xauth)";

const notCarried = "the system's ssh, which speaks to this host, passes no requests for X11 on";

interface X11Deps {
  readonly client: Client;
  /** Whether requests for X11 come through. */
  readonly carried: boolean;
}

/** X11 connections that come from the host. They carry no name of the channel they belong to: the cookie that a program shows tells. */
export class Ssh2X11 {
  readonly #deps: X11Deps;
  readonly #open = new Set<X11Access>();
  readonly #door = new X11Door((greeting) => [...this.#open].find(({ cookie }) => greeting.shows(cookie)));

  constructor(deps: X11Deps) {
    this.#deps = deps;
    deps.client.on("x11", (_from, accept, reject) => {
      if (this.#open.size === 0 || !this.#door.open) reject();
      else this.#door.meet(openForwardStream(accept()).stream);
    });
  }

  /** Asks for it on a channel, before what is to run there. What the server is told is no cookie of anything: only who gets `access.cookie` from us is let in. */
  request(stream: SessionStream, access: X11Access): void {
    const { client, carried } = this.#deps;
    if (!carried) {
      access.refused(notCarried);
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
}

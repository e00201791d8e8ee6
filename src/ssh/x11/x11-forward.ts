import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { X11Access } from "../engine.ts";
import { authorityFor } from "./x11-authority.ts";
import { X11Door } from "./x11-door.ts";
import type { X11Greeting } from "./x11-greeting.ts";
import { openLocalDisplay, type LocalDisplay, type X11Settings } from "./local-display.ts";

const cookieBytes = 16;

/** The first byte of an X server's answer to a program that may stay. */
const welcome = 1;

/**
 * The display of this machine for the programs of one channel. They show a cookie that was made for this; the display's own is put in its place
 * here and never leaves this machine.
 */
export class X11Forward implements X11Access {
  readonly #display: LocalDisplay;
  readonly #door = new X11Door((greeting) => (greeting.shows(this.cookie) ? this : undefined));
  readonly #streams = new Set<Duplex>();
  readonly cookie = randomBytes(cookieBytes);
  #closed = false;
  #welcomed = false;
  #refusal: string | undefined;

  private constructor(display: LocalDisplay) {
    this.#display = display;
  }

  /** Rejects as `openLocalDisplay`. */
  static async open(settings: X11Settings): Promise<X11Forward> {
    return new X11Forward(await openLocalDisplay(settings));
  }

  get screen(): number {
    return this.#display.screen;
  }

  /** The Xauthority file that a program needs there. */
  get authority(): Buffer {
    return authorityFor(this.cookie);
  }

  /** A program has been let in by the X server. */
  get welcomed(): boolean {
    return this.#welcomed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Why the server does not forward; undefined while it is not known to refuse. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  refused(why: string): void {
    this.#refusal = why;
  }

  /** A program that comes by another way than the channel of its request. */
  meet(stream: Duplex): void {
    if (this.#door.open) this.#door.meet(stream);
    else stream.destroy();
  }

  carry(stream: Duplex, greeting: X11Greeting): void {
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    void this.#join(stream, greeting).catch(() => {
      stream.destroy();
    });
  }

  /** Ends what goes on, and voids the cookie. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of this.#streams) stream.destroy();
    this.#display.close();
  }

  async #join(stream: Duplex, greeting: X11Greeting): Promise<void> {
    const server = await this.#display.connect();
    if (this.#closed || stream.destroyed) {
      server.destroy();
      stream.destroy();
      return;
    }
    server.once("data", (bytes: Buffer) => {
      if (bytes[0] === welcome) this.#welcomed = true;
    });
    for (const [one, other] of [[stream, server] as const, [server, stream] as const]) {
      one.on("error", () => undefined);
      one.once("close", () => other.destroy());
    }
    server.write(greeting.with(this.#display.cookie));
    stream.pipe(server);
    server.pipe(stream);
  }
}

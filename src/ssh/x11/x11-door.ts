import type { Duplex } from "node:stream";
import { after } from "../../base/index.ts";
import type { X11Access } from "../engine.ts";
import { readGreeting, type X11Greeting } from "./x11-greeting.ts";

/** A program says at once who it is. */
const greetingMs = 10_000;

/** Programs that have not said who they are; more at a time is an attack. */
const mostSilent = 16;

/** Connections at a time: programs with hundreds of windows have one each, some have a few. */
const mostStreams = 256;

/** Where X11 programs come in: lets those pass that show the cookie of a display, and sends the others away. */
export class X11Door {
  readonly #find: (greeting: X11Greeting) => X11Access | undefined;
  readonly #streams = new Set<Duplex>();
  #silent = 0;

  /** `find`: the display whose cookie a program shows. */
  constructor(find: (greeting: X11Greeting) => X11Access | undefined) {
    this.#find = find;
  }

  /** There is room for one more. */
  get open(): boolean {
    return this.#silent < mostSilent && this.#streams.size < mostStreams;
  }

  /** Hears what a program says first; its connection is closed when that is not right, or does not come. */
  meet(stream: Duplex): void {
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
      const access = greeting === "broken" ? undefined : this.#find(greeting);
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
    // Some come paused.
    stream.resume();
    stream.on("close", settle);
    stream.once("close", () => this.#streams.delete(stream));
  }
}

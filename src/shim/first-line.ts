import type { Socket } from "node:net";
import { after } from "../base/index.ts";

/** Handshake lines are far shorter. */
const longestBytes = 4_096;
const newline = 0x0a;

/** The first line that comes on a socket, which is paused then, what follows the line still in it; undefined when none comes within `limitMs`. */
export function firstLine(socket: Socket, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0);
    const finish = (line: string | undefined): void => {
      cancel();
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      resolve(line);
    };
    const onData = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const end = held.indexOf(newline);
      if (end === -1 && held.length < longestBytes) return;
      finish(end === -1 ? undefined : held.toString("utf8", 0, end));
      if (end !== -1 && end + 1 < held.length) socket.unshift(held.subarray(end + 1));
    };
    const onEnd = (): void => finish(undefined);
    const cancel = after(limitMs, onEnd);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    socket.resume();
  });
}

import type { Socket } from "node:net";

/** As many bytes as Node takes from the system at once by itself. */
const bufferBytes = 65_536;

/** One for all sockets: the system is asked for bytes when there are some, one socket after the other, and they are passed on before the next one's turn. */
const buffer = Buffer.allocUnsafeSlow(bufferBytes);

/**
 * Reads of sockets into one buffer, again and again. By itself Node makes a new buffer for each read, and a fast stream leaves tens of
 * megabytes of them to be collected. Who listens for `data` gets copies until it lets go of the bytes before its listener returns.
 */
export class ReadBuffer {
  /** Asked at each read: whether nobody keeps any of its bytes. */
  letsGo: () => boolean = () => false;

  /** What `connect` of node:net takes as `onread`; the socket must be paused until somebody listens. */
  onread(socket: () => Socket): { buffer: Uint8Array; callback: (sizeBytes: number) => boolean } {
    return {
      buffer,
      callback: (sizeBytes) => {
        const bytes = buffer.subarray(0, sizeBytes);
        socket().emit("data", this.letsGo() ? bytes : Buffer.from(bytes));
        return true;
      },
    };
  }
}

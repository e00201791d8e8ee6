import { Duplex } from "node:stream";
import type { Channel } from "ssh2";
import type { HoldfastError } from "../base/index.ts";
import { closeForGood, incomingState } from "./ssh2-internals.ts";

/** Bytes kept between the channel and whoever reads: eight packets, so that a fast stream is not stopped and started at each. */
const bufferBytes = 256 * 1024;

/** A forwarded channel as a stream, and the way to tell it that the connection is gone. */
interface OpenForward {
  readonly stream: Duplex;
  /** To be called before ssh2 tells its channels, which it does as if the other side had ended them. */
  lose(error: HoldfastError): void;
}

/**
 * A stream over a forwarded channel of ssh2 that behaves as streams do: `end` only when the other side has sent all, `finish` when
 * everything is on its way, an error when the connection went away before that, `destroy` closes the channel.
 */
export function openForwardStream(channel: Channel): OpenForward {
  let over = false;
  let proceed: (() => void) | undefined;
  const goOn = (): void => {
    const waiting = proceed;
    proceed = undefined;
    waiting?.();
  };
  const stream = new Duplex({
    highWaterMark: bufferBytes,
    read: () => {
      channel.resume();
    },
    write: (bytes: Buffer, _encoding, done) => {
      if (over || channel.write(bytes)) done();
      else proceed = done;
    },
    final: (done) => {
      if (over) {
        done();
        return;
      }
      // Not before the last byte has left: the stream may be destroyed then, and with it what still waits for the server's window.
      proceed = done;
      channel.end();
    },
    destroy: (error, done) => {
      if (!over) closeForGood(channel);
      // What still comes is dropped: a channel that is not read never closes.
      channel.resume();
      done(error);
    },
  });
  channel.on("drain", goOn);
  channel.on("finish", goOn);
  channel.on("data", (bytes: Buffer) => {
    if (!stream.destroyed && !stream.push(bytes)) channel.pause();
  });
  channel.on("end", () => {
    if (!stream.destroyed) stream.push(null);
  });
  channel.on("error", () => {
    stream.destroy();
  });
  channel.on("close", () => {
    over = true;
    goOn();
    if (stream.readableEnded) stream.destroy();
    else stream.once("end", () => stream.destroy());
  });
  return {
    stream,
    lose: (error) => {
      const complete = incomingState(channel) !== "open" && stream.writableFinished;
      over = true;
      if (!complete) stream.destroy(error);
    },
  };
}

import type { IncomingMessage } from "node:http";

/** What came of reading a body. */
export type Body =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too_large" }
  /** The client went away in the middle. */
  | { readonly kind: "broken" };

/** Reads a request's body, at most `limitBytes` of it; beyond that it stops at once and leaves the rest unread. */
export function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(incoming.headers["content-length"] ?? 0) > limitBytes) return Promise.resolve({ kind: "too_large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const settle = (body: Body): void => {
      incoming.off("data", onData);
      incoming.pause();
      resolve(body);
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes > limitBytes) settle({ kind: "too_large" });
    };
    incoming.on("data", onData);
    incoming.once("end", () => settle({ kind: "whole", bytes: Buffer.concat(chunks) }));
    incoming.once("error", () => settle({ kind: "broken" }));
    incoming.once("close", () => settle({ kind: "broken" }));
  });
}

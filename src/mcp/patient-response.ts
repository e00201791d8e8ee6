import { every, timeIsUp, withDeadline } from "../base/index.ts";

/** Errors that need a status of their own come at once; clients and proxies give up on silence after a minute or more. */
const patienceMs = 10_000;

/** A comment this often shows that the call is still alive. */
const keepAliveMs = 15_000;

/**
 * The response as it is, if it comes soon. A late one comes as a stream of events that is opened meanwhile and kept alive,
 * so that a call may wait as long as it likes without the client, or a proxy on the way, giving up on it.
 */
export async function patientResponse(response: Promise<Response>, limitMs = patienceMs): Promise<Response> {
  const soon = await withDeadline(response, limitMs);
  if (soon !== timeIsUp) return soon;
  return new Response(eventsOf(response), {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function eventsOf(response: Promise<Response>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stopKeepAlive: () => void = () => undefined;
  let open = true;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const write = (chunk: Uint8Array): void => {
        if (open) controller.enqueue(chunk);
      };
      const comment = encoder.encode(": keepalive\n\n");
      write(comment);
      stopKeepAlive = every(keepAliveMs, () => write(comment));
      // Not returned: the stream counts as started, and is read, before the response is there.
      copyEvents(response, write)
        .catch(() => undefined)
        .finally(() => {
          stopKeepAlive();
          if (open) controller.close();
          open = false;
        });
    },
    cancel: () => {
      open = false;
      stopKeepAlive();
    },
  });
}

async function copyEvents(response: Promise<Response>, write: (chunk: Uint8Array) => void): Promise<void> {
  const { body, headers } = await response;
  if (body === null) return;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  const encoder = new TextEncoder();
  if (!isStream) write(encoder.encode("event: message\ndata: "));
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const chunk: unknown = part.value;
    if (chunk instanceof Uint8Array) write(chunk);
  }
  if (!isStream) write(encoder.encode("\n\n"));
}

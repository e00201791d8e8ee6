import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { delay } from "../base/index.ts";
import { patientResponse } from "./patient-response.ts";

async function after(delayMs: number, response: () => Response): Promise<Response> {
  await delay(delayMs);
  return response();
}

async function bodyOf(response: Response): Promise<string> {
  return response.body === null ? "" : text(response.body);
}

it("gives a response that comes soon as it is", async () => {
  const response = await patientResponse(
    after(1, () => Response.json({ a: 1 }, { status: 400 })),
    10_000,
  );
  expect(response.status).toBe(400);
  expect(await bodyOf(response)).toBe('{"a":1}');
});

it("gives a late one as an event of a stream that is open already", async () => {
  let answer: (response: Response) => void = () => undefined;
  const response = await patientResponse(new Promise((resolve) => (answer = resolve)), 1);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  answer(Response.json({ a: 1 }));
  expect(await bodyOf(response)).toBe(': keepalive\n\nevent: message\ndata: {"a":1}\n\n');
});

it("passes the events of a late stream on", async () => {
  const events = 'event: message\ndata: {"b":2}\n\n';
  const headers = { "content-type": "text/event-stream" };
  const response = await patientResponse(
    after(50, () => new Response(events, { headers })),
    1,
  );
  expect(await bodyOf(response)).toBe(`: keepalive\n\n${events}`);
});

it("ends the stream when the response fails, and survives a reader that leaves", async () => {
  const failing = async (): Promise<Response> => {
    await delay(50);
    throw new Error("no");
  };
  expect(await bodyOf(await patientResponse(failing(), 1))).toBe(": keepalive\n\n");
  const left = await patientResponse(
    after(50, () => Response.json({})),
    1,
  );
  await left.body?.cancel();
  await delay(100);
});

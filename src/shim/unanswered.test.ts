import { describe, expect, it } from "vitest";
import { readMessage, type Message } from "./json-rpc.ts";
import { Unanswered, type Waiting } from "./unanswered.ts";

type Request = Extract<Message, { readonly kind: "request" }>;

function request(id: number | string, tool: string | undefined): { readonly message: Request; readonly line: string } {
  const params = tool === undefined ? {} : { name: tool, arguments: { on: "web1" }, _meta: { progressToken: 5 } };
  const line = JSON.stringify({ jsonrpc: "2.0", id, method: tool === undefined ? "ping" : "tools/call", params });
  const message = readMessage(line);
  if (message?.kind !== "request") throw new Error("no request");
  return { message, line };
}

function metaOf(waiting: Waiting | undefined): unknown {
  const parsed: { params?: { _meta?: unknown } } = JSON.parse(waiting?.line ?? "{}");
  return parsed.params?._meta;
}

/** A book with one request for each tool, all of them sent in this order. */
function sent(...tools: readonly (string | undefined)[]): Unanswered {
  const book = new Unanswered();
  for (const [index, tool] of tools.entries()) {
    const { message, line } = request(index, tool);
    book.sent(book.add(message, line), index + 1);
  }
  return book;
}

describe("requests without an answer", () => {
  it("go out as they came, but for the key of those that start something", () => {
    const book = new Unanswered();
    const ping = request("a", undefined);
    expect(book.add(ping.message, ping.line).line).toBe(ping.line);
    const run = request(1, "ssh_run");
    expect(metaOf(book.add(run.message, run.line))).toEqual({ progressToken: 5, "holdfast/key": expect.any(String) });
  });

  it("are sent again after a loss, marked, under the same key", () => {
    const book = new Unanswered();
    const { message, line } = request(1, "ssh_run");
    const first = book.add(message, line);
    const key = metaOf(first);
    book.sent(first, 1);
    expect(book.lost(undefined)).toEqual([]);
    expect(metaOf(book.unsent[0])).toEqual({ ...Object(key), "holdfast/sent-before-ms": expect.any(Number) });
  });

  it("do not use up the room for others when a client uses an id again and again", () => {
    const book = new Unanswered();
    const { message, line } = request(1, "ssh_read");
    for (let time = 0; time < 3; time += 1) book.add(message, line.padEnd(30_000_000));
    const other = request(2, "ssh_read");
    expect(book.add(other.message, other.line.padEnd(10_000_000)).repetition).toBe("safe");
  });

  it("are given up after a loss where a repetition could do harm", () => {
    const book = sent("ssh_input", "ssh_read", undefined, "ssh_stop", "ssh_list", "made_up");
    expect(book.lost(undefined).map((waiting) => waiting.tool)).toEqual(["ssh_input", "ssh_stop", "made_up"]);
    expect(book.unsent.map((waiting) => waiting.tool)).toEqual(["ssh_read", undefined, "ssh_list"]);
  });

  it("are sent again as if for the first time when the other side says that it has not taken them", () => {
    const book = sent("ssh_input", "ssh_input", "ssh_run");
    expect(book.lost(1).map((waiting) => waiting.id)).toEqual([0]);
    expect(book.unsent.map((waiting) => waiting.id)).toEqual([1, 2]);
    expect(metaOf(book.unsent[1])).not.toHaveProperty("holdfast/sent-before-ms");
  });

  it("are not sent for ever", () => {
    const book = sent("ssh_read");
    let times = 1;
    while (book.lost(undefined).length === 0 && times < 10) {
      const [again] = book.unsent;
      if (again !== undefined) book.sent(again, 1);
      times += 1;
    }
    expect(times).toBe(3);
  });

  it('are forgotten with their answer; 1 and "1" are two', () => {
    const book = new Unanswered();
    for (const id of [1, "1"]) {
      const { message, line } = request(id, "ssh_read");
      book.add(message, line);
    }
    book.settle(1);
    expect(book.unsent.map((waiting) => waiting.id)).toEqual(["1"]);
  });
});

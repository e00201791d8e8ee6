import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { TransferOutbox } from "./transfer-outbox.ts";

function outbox(): { box: TransferOutbox; sent: Buffer[] } {
  const sent: Buffer[] = [];
  return { sent, box: new TransferOutbox((bytes) => sent.push(bytes)) };
}

describe("what is sent on a file transfer channel", () => {
  it("goes out together when it is small, once the events are dealt with", async () => {
    const { box, sent } = outbox();
    for (let number = 0; number < 50; number += 1) box.add(Buffer.from([number]));
    await Promise.resolve();
    box.add(Buffer.from([50]));
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([Buffer.from(Array.from({ length: 51 }, (_, number) => number))]);
  });

  it("keeps its order around what is large, which goes out at once and is not copied", () => {
    const { box, sent } = outbox();
    const large = Buffer.alloc(20_000, 2);
    box.add(Buffer.from([1]));
    box.add(large);
    box.add(Buffer.from([3]));
    box.flush();
    box.flush();
    expect(sent).toEqual([Buffer.from([1]), large, Buffer.from([3])]);
    expect(sent[1]).toBe(large);
  });

  it("is never more than a packet takes", async () => {
    const { box, sent } = outbox();
    for (let number = 0; number < 20; number += 1) box.add(Buffer.alloc(5_000, number));
    await turn();
    expect(Buffer.concat(sent).length).toBe(100_000);
    expect(Math.max(...sent.map((bytes) => bytes.length))).toBeLessThanOrEqual(32_000);
  });
});

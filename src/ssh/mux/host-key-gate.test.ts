import { describe, expect, it } from "vitest";
import { wireString, wireUint32 } from "../wire.ts";
import { HostKeyGate } from "./host-key-gate.ts";

const key = Buffer.concat([wireString("ssh-ed25519"), wireString("x".repeat(32))]);
const greeting = Buffer.from("Welcome\r\nSSH-2.0-Test_1\r\n");

function packet(type: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const payload = Buffer.concat([Buffer.from([type]), body]);
  const padding = Buffer.alloc(4);
  return Buffer.concat([wireUint32(1 + payload.length + 4), Buffer.from([4]), payload, padding]);
}

function gate(accept: boolean): { readonly gate: HostKeyGate; readonly judged: Buffer[]; readonly accepted: Buffer[] } {
  const judged: Buffer[] = [];
  const accepted: Buffer[] = [];
  const made = new HostKeyGate({
    judge: {
      algorithms: { certificates: [], plain: [] },
      refusal: undefined,
      accepts: (shown) => {
        judged.push(shown);
        return accept;
      },
    },
    accepted: (shown) => {
      accepted.push(shown);
    },
  });
  return { gate: made, judged, accepted };
}

const exchange = [packet(20), packet(31, wireString(key)), packet(21), Buffer.from("encrypted")];

describe("the gate before ssh", () => {
  it.each([1, 3, 7, 10_000])("passes everything on in pieces of %i bytes, and judges the key first", (size) => {
    const { gate: made, judged, accepted } = gate(true);
    const all = Buffer.concat([greeting, ...exchange]);
    const passed: Buffer[] = [];
    for (let from = 0; from < all.length; from += size) {
      passed.push(made.pass(all.subarray(from, from + size)) ?? Buffer.from("refused"));
    }
    expect(Buffer.concat(passed)).toEqual(all);
    expect([judged, accepted]).toEqual([[key], [key]]);
    expect([made.identification, made.phase]).toEqual(["SSH-2.0-Test_1", "login"]);
  });

  it("passes nothing on of a refused key, and nothing after it", () => {
    const { gate: made, accepted } = gate(false);
    expect(made.pass(Buffer.concat([greeting, packet(20)]))).toEqual(Buffer.concat([greeting, packet(20)]));
    expect(made.pass(packet(31, wireString(key)))).toBeUndefined();
    expect(made.pass(packet(21))).toBeUndefined();
    expect(accepted).toEqual([]);
  });

  it("judges every key that is shown, also in the answer of a group exchange", () => {
    const { gate: made, judged } = gate(true);
    made.pass(Buffer.concat([greeting, packet(31, wireString(Buffer.from([0, 0xff, 1, 2, 3])))]));
    expect(judged).toEqual([]);
    made.pass(Buffer.concat([packet(33, wireString(key)), packet(31, wireString(key))]));
    expect(judged).toEqual([key, key]);
  });

  it("ends what is no SSH", () => {
    expect(gate(true).gate.pass(Buffer.alloc(70_000, "x"))).toBeUndefined();
    expect(gate(true).gate.pass(Buffer.concat([greeting, Buffer.alloc(64, 0xff)]))).toBeUndefined();
    const { gate: made } = gate(true);
    made.pass(Buffer.from("HTTP/1.1 400 Bad Request\r\n"));
    expect([made.identification, made.phase]).toEqual(["HTTP/1.1 400 Bad Request", "greeting"]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { TunnelScene, collect, dial, echo, isFree, placeOf, type Place } from "./tunnel-scene.ts";

const limitMs = 30_000;

let scene: TunnelScene;
let target: Extract<Place, { port: number }>;
let proxy: Place;
beforeAll(async () => {
  scene = await new TunnelScene(await startOpenSsh({ config: ["PermitOpen 127.0.0.1:* localhost:*"] })).open();
  const place = await scene.serve(echo);
  if (!("port" in place)) throw new Error("no port");
  target = place;
  proxy = placeOf(await scene.tunnel({ kind: "socks" }));
});
afterAll(() => scene.remove());

const port = (number: number): readonly number[] => [Math.floor(number / 256), number % 256];
const text = (value: string): readonly number[] => [...Buffer.from(value)];

/** Sends each piece when the answer to the one before has come; resolves with all that came. */
async function talk(pieces: readonly (readonly number[])[], answers: readonly number[]): Promise<Buffer> {
  const socket = await dial(proxy);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = collect(socket);
  let expected = 0;
  for (const [index, piece] of pieces.entries()) {
    socket.write(Buffer.from(piece));
    expected += answers[index] ?? 0;
    await eventually(`answer ${index}`, limitMs, () =>
      Buffer.concat(chunks).length >= expected || socket.destroyed || socket.readableEnded ? true : undefined,
    );
  }
  socket.end();
  return (await ended).bytes;
}

const hello = text("hello");
const granted5 = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

describe("a socks tunnel", () => {
  const requests: readonly (readonly [string, readonly number[]])[] = [
    ["an IPv4 address", [5, 1, 0, 1, 127, 0, 0, 1]],
    ["a name", [5, 1, 0, 3, 9, ...text("localhost")]],
  ];

  it.each(requests)("SOCKS5 to %s", async (_name, request) => {
    const bytes = await talk([[5, 1, 0], [...request, ...port(target.port)], hello], [2, 10, 5]);
    expect([...bytes]).toEqual([5, 0, ...granted5, ...hello]);
  });

  it("SOCKS5, byte by byte, with the first bytes of the stream right behind", async () => {
    const socket = await dial(proxy);
    const answer = collect(socket);
    for (const byte of [5, 2, 2, 0, 5, 1, 0, 1, 127, 0, 0, 1, ...port(target.port), ...hello]) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    expect([...(await answer).bytes]).toEqual([5, 0, ...granted5, ...hello]);
  });

  it("SOCKS4a to a name and SOCKS4 to an address", async () => {
    const granted4 = [0, 0x5a, 0, 0, 0, 0, 0, 0];
    const named = [4, 1, ...port(target.port), 0, 0, 0, 1, ...text("me"), 0, ...text("localhost"), 0];
    expect([...(await talk([named, hello], [8, 5]))]).toEqual([...granted4, ...hello]);
    const addressed = [4, 1, ...port(target.port), 127, 0, 0, 1, 0];
    expect([...(await talk([addressed, hello], [8, 5]))]).toEqual([...granted4, ...hello]);
  });

  it("says why it refuses", async () => {
    const reply = async (request: readonly number[]): Promise<readonly number[]> =>
      [...(await talk([[5, 1, 0], request], [2, 10]))].slice(2, 4);
    // Nobody listens; not allowed by PermitOpen; not CONNECT; no such kind of address.
    expect(await reply([5, 1, 0, 1, 127, 0, 0, 1, 0, 1])).toEqual([5, 5]);
    expect(await reply([5, 1, 0, 1, 192, 0, 2, 1, 0, 80])).toEqual([5, 2]);
    expect(await reply([5, 2, 0, 1, 127, 0, 0, 1, 0, 80])).toEqual([5, 7]);
    expect(await reply([5, 1, 0, 9, 1, 1, 1, 1, 0, 80])).toEqual([5, 8]);
    expect([...(await talk([[5, 1, 2]], [2]))]).toEqual([5, 0xff]);
    expect(scene.book.tunnels.list()[0]?.lastFailure).toMatch(/^bad_input: .*authenticate/);
  });

  it.each([
    ["an HTTP request", text("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    ["a name with a NUL", [5, 1, 0, 5, 1, 0, 3, 3, 97, 0, 98, 0, 80]],
    ["an endless user name", [4, 1, 0, 80, 127, 0, 0, 1, ...Array.from({ length: 2000 }, () => 97)]],
  ])("breaks off at %s", async (_name, bytes) => {
    const socket = await dial(proxy);
    const answer = collect(socket);
    socket.write(Buffer.from(bytes));
    const { bytes: came } = await answer;
    expect(came.length).toBeLessThanOrEqual(2);
    expect(await isFree(proxy)).toBe(false);
  });
});

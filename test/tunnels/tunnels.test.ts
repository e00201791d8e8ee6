import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { canMakeUsers, startDropbear, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { TunnelScene, collect, dial, echo, exchange, isFree, placeOf, textOf } from "./tunnel-scene.ts";

/** Ends what hangs. */
const limitMs = 30_000;

/** More than every buffer and window on the way together. */
const bulk = randomBytes(24_000_000);

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

interface Kind {
  readonly name: string;
  readonly start: () => Promise<TestServer>;
  /** OpenSSH forwards to and from Unix sockets, and stops listening when asked to; dropbear 2022.83 does not. */
  readonly able: boolean;
}

const openSsh: Kind = { name: "OpenSSH", start: () => startOpenSsh(), able: true };
const dropbear: Kind = { name: "dropbear", start: () => startDropbear(), able: false };

describe.each(canMakeUsers ? [openSsh, dropbear] : [openSsh])("tunnels over $name", ({ start, able }) => {
  let scene: TunnelScene;
  beforeAll(async () => {
    scene = await new TunnelScene(await start()).open();
  });
  afterAll(() => scene.remove());

  it("local: leads to the host's side, and each direction arrives whole after the other has ended", async () => {
    const received: string[] = [];
    const place = await scene.serve((socket) => {
      // Nothing is answered before the other side has ended.
      void collect(socket).then(({ bytes, end }) => {
        received.push(`${end} ${digest(bytes)}`);
        socket.end(bulk);
      });
    });
    const tunnel = await scene.tunnel({ kind: "local", to: textOf(place) });
    expect(tunnel.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const answer = await exchange(placeOf(tunnel), bulk);
    expect([answer.end, digest(answer.bytes)]).toEqual(["ended", digest(bulk)]);
    expect(received).toEqual([`ended ${digest(bulk)}`]);
    expect(scene.summary(tunnel.id)).toMatchObject({
      bytesIn: bulk.length,
      bytesOut: bulk.length,
      totalConnections: 1,
      lastFailure: undefined,
    });
    await eventually("no connection left", limitMs, () => scene.summary(tunnel.id).openConnections === 0 || undefined);
  });

  it("local: the host's side may end first and still read", async () => {
    let received: Buffer | undefined;
    const place = await scene.serve((socket) => {
      socket.end("banner\n");
      void collect(socket).then(({ bytes }) => {
        received = bytes;
      });
    });
    const tunnel = await scene.tunnel({ kind: "local", to: textOf(place) });
    const socket = await dial(placeOf(tunnel));
    expect((await collect(socket)).bytes.toString()).toBe("banner\n");
    socket.end(bulk);
    await eventually("all of it", limitMs, () => received);
    expect(digest(received ?? Buffer.alloc(0))).toBe(digest(bulk));
  });

  it("remote: the host listens, and what comes in leads here", async () => {
    const place = await scene.serve((socket) => {
      void collect(socket).then(({ bytes }) => socket.end(`got ${bytes.length}`));
    });
    const tunnel = await scene.tunnel({ kind: "remote", listen: "0", to: textOf(place) });
    expect(tunnel.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const answer = await exchange(placeOf(tunnel), bulk);
    expect(answer).toEqual({ bytes: Buffer.from(`got ${bulk.length}`), end: "ended" });
    expect(scene.summary(tunnel.id)).toMatchObject({ bytesIn: bulk.length, bytesOut: 12, totalConnections: 1 });
    const { notes } = await scene.book.tunnels.close(tunnel.id);
    if (able) expect([await isFree(placeOf(tunnel)), notes]).toEqual([true, []]);
    else {
      expect(notes).toEqual([expect.stringContaining("goes on listening until the connection ends")]);
      expect((await exchange(placeOf(tunnel), "hello")).bytes).toHaveLength(0);
    }
  });

  it("local: a Unix socket here, for its owner alone, gone after the close", async () => {
    const place = await scene.serve(echo);
    const path = join(scene.directory(), "here.sock");
    const tunnel = await scene.tunnel({ kind: "local", listen: path, to: textOf(place) });
    expect(tunnel.listen).toBe(path);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    expect((await exchange({ path }, "hello")).bytes.toString()).toBe("hello");
    await scene.book.tunnels.close(tunnel.id);
    expect(existsSync(path)).toBe(false);
  });

  it("local: leads to a Unix socket of the host", async () => {
    const path = join(scene.server.loginUser?.home ?? scene.directory(), "there.sock");
    await scene.serve(echo, path);
    chmodSync(path, 0o777);
    const tunnel = await scene.tunnel({ kind: "local", to: path });
    const { bytes, end } = await exchange(placeOf(tunnel), bulk);
    if (!able) {
      expect([end, scene.summary(tunnel.id).lastFailure]).toEqual([
        "broken",
        expect.stringMatching(/^forward_refused: .*there\.sock\. Its settings forbid it/),
      ]);
      return;
    }
    expect([end, digest(bytes)]).toEqual(["ended", digest(bulk)]);
  });

  it("remote: a Unix socket of the host", async () => {
    const place = await scene.serve(echo);
    const path = join(scene.server.loginUser?.home ?? scene.directory(), "listen.sock");
    const opening = scene.tunnel({ kind: "remote", listen: path, to: textOf(place) });
    if (!able) {
      await expect(opening).rejects.toMatchObject({ code: "forward_refused" });
      return;
    }
    const tunnel = await opening;
    expect((await exchange({ path }, "hello")).bytes.toString()).toBe("hello");
    await scene.book.tunnels.close(tunnel.id);
    expect(existsSync(path)).toBe(false);
  });

  it("500 connections at once through one tunnel", async () => {
    const place = await scene.serve(echo);
    const tunnel = await scene.tunnel({ kind: "local", to: textOf(place) });
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => exchange(placeOf(tunnel), `number ${index}`.repeat(100))),
    );
    for (const [index, { bytes, end }] of answers.entries()) {
      expect([end, bytes.toString()]).toEqual(["ended", `number ${index}`.repeat(100)]);
    }
    expect(scene.summary(tunnel.id)).toMatchObject({ totalConnections: 500, lastFailure: undefined });
    await eventually("no connection left", limitMs, () => scene.summary(tunnel.id).openConnections === 0 || undefined);
  });

  it("a reader that does not read stops the sender", async () => {
    let sent = 0;
    const place = await scene.serve((socket) => {
      const piece = Buffer.alloc(100_000);
      const more = (): void => {
        do sent += piece.length;
        while (sent < 400_000_000 && socket.write(piece));
      };
      socket.on("drain", more);
      more();
    });
    const tunnel = await scene.tunnel({ kind: "local", to: textOf(place) });
    const socket = await dial(placeOf(tunnel));
    socket.pause();
    let before = -1;
    await eventually("the sender stands still", limitMs, async () => {
      const still = before === sent ? true : undefined;
      before = sent;
      await delay(300);
      return still;
    });
    expect(sent).toBeLessThan(40_000_000);
    socket.destroy();
  });

  it("nothing listens after the close, and what was open is broken off", async () => {
    const place = await scene.serve(echo);
    const tunnel = await scene.tunnel({ kind: "local", to: textOf(place) });
    const socket = await dial(placeOf(tunnel));
    const answer = collect(socket);
    socket.write("hello");
    await eventually("the echo", limitMs, () => scene.summary(tunnel.id).bytesIn === 5 || undefined);
    expect(await scene.book.tunnels.close(tunnel.id)).toMatchObject({ id: tunnel.id, totalConnections: 1 });
    expect(await answer).toEqual({ bytes: Buffer.from("hello"), end: "broken" });
    expect(await isFree(placeOf(tunnel))).toBe(true);
    await expect(scene.book.tunnels.close(tunnel.id)).rejects.toMatchObject({ code: "tunnel_unknown" });
  });

  it("a place where nothing listens: the connection is reset, and the list says why", async () => {
    const gone = await scene.serve(echo);
    const tunnel = await scene.tunnel({ kind: "local", to: "127.0.0.1:1" });
    expect((await exchange(placeOf(tunnel), "hello")).end).toBe("broken");
    expect(scene.summary(tunnel.id).lastFailure).toMatch(/^dial_failed: .*127\.0\.0\.1:1: /);
    expect(gone).toBeDefined();
  });

  it("is made again when the SSH connection was killed", async () => {
    const place = await scene.serve(echo);
    const local = await scene.tunnel({ kind: "local", to: textOf(place) });
    const remote = await scene.tunnel({ kind: "remote", to: textOf(place) });
    const socket = await dial(placeOf(local));
    const answer = collect(socket);
    socket.write("hello");
    await eventually("the echo", limitMs, () => scene.summary(local.id).bytesIn === 5 || undefined);
    scene.server.killConnections();
    // Not the end that the other side would have made.
    expect((await answer).end).toBe("broken");
    expect((await exchange(placeOf(local), "again")).bytes.toString()).toBe("again");
    await eventually("the host listens again", limitMs, async () =>
      scene.summary(remote.id).state === "listening" && !(await isFree(placeOf(remote))) ? true : undefined,
    );
    expect((await exchange(placeOf(remote), "again")).bytes.toString()).toBe("again");
    expect(scene.summary(remote.id).listen).toBe(remote.listen);
  });

  it("a taken port or path is named, and nothing is replaced", async () => {
    const place = await scene.serve(echo);
    const taken = scene.tunnel({ kind: "local", listen: textOf(place), to: "1" });
    await expect(taken).rejects.toMatchObject({
      code: "address_taken",
      message: expect.stringContaining(textOf(place)),
    });
    const path = join(scene.directory(), "file");
    writeFileSync(path, "kept");
    await expect(scene.tunnel({ kind: "local", listen: path, to: "1" })).rejects.toMatchObject({
      code: "address_taken",
      message: expect.stringContaining(path),
    });
    // dropbear is content with the port of ::1.
    if (!able) return;
    await expect(scene.tunnel({ kind: "remote", listen: textOf(place), to: "1" })).rejects.toMatchObject({
      code: "forward_refused",
      message: expect.stringContaining(textOf(place)),
    });
  });
});

import { connect, createServer } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLiveBench, type LiveBench } from "./live-bench.ts";

let bench: LiveBench;
beforeAll(async () => {
  bench = await openLiveBench();
});
afterAll(() => bench.remove());

const call = async (tool: string, args: Record<string, unknown>): Promise<string> =>
  (await bench.call(tool, args)).text;

it("opens, uses, lists and closes a tunnel; closes it with its session", async () => {
  const server = createServer((socket) => socket.end("banner"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const to = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const on = bench.server.alias;
  await bench.run("true");
  const opened = await call("ssh_tunnel", { action: "open", on, to });
  const found = new RegExp(`^open · t1 · local 127\\.0\\.0\\.1:(\\d+) → ${to} · via ${on}$`).exec(opened);
  const socket = connect(Number(found?.[1]), "127.0.0.1");
  const [banner] = await once(socket, "data");
  expect(String(banner)).toBe("banner");
  socket.destroy();
  await once(socket, "close");
  const listed = await call("ssh_list", { what: "tunnels" });
  expect(listed).toMatch(
    new RegExp(
      `^1 tunnel\\nt1 · listening · local 127\\.0\\.0\\.1:${found?.[1]} → ${to} · via ${on} · [01] open, 1 in all · 6 bytes in, 0 out$`,
    ),
  );
  expect(await call("ssh_tunnel", { action: "list" })).toContain("\nt1 · listening · ");
  expect(await call("ssh_tunnel", { action: "open", on, kind: "socks", listen: "0.0.0.0:0" })).toMatch(
    new RegExp(`^open · t2 · socks 0\\.0\\.0\\.0:\\d+ · via ${on} · warning: others who reach this machine can use it`),
  );
  expect(await call("ssh_close", { tunnel: "t2" })).toMatch(
    /^closed · t2 · socks .* · 0 connections · 0 bytes in, 0 out/,
  );
  expect(await call("ssh_close", { session: on })).toBe(`closed · ${on} · no command was running · closed t1`);
  expect(await call("ssh_list", { what: "tunnels" })).toBe("0 tunnels · ssh_tunnel opens one");
  server.close();
});

it("says what is missing or wrong", async () => {
  const on = bench.server.alias;
  for (const [args, reply] of [
    [{ action: "open" }, /^bad_input: ssh_tunnel needs "on" to open a tunnel/],
    [{ action: "close" }, /^bad_input: ssh_tunnel needs "id" to close a tunnel/],
    [{ action: "close", id: "t99" }, /^tunnel_unknown: there is no tunnel "t99"\. /],
    [{ action: "open", on }, /^bad_input: a local tunnel needs `to`/],
    [{ action: "open", on, kind: "socks", to: "1" }, /^bad_input: a socks tunnel has no `to`/],
    [{ action: "open", on, to: "x:99999" }, /^bad_input: "x:99999" in to is no place/],
    [{ action: "open", on, to: "0" }, /^bad_input: nothing can be connected to at localhost:0/],
    [{ action: "open", on, to: "a b:1" }, /^bad_input: /],
    [{ action: "open", on, to: `/${"x".repeat(200)}` }, /^bad_input: the socket path in to has 201 bytes/],
    [{ action: "open", on, listen: "192.0.2.1:0", to: "1" }, /^bad_input: 192\.0\.2\.1:0 cannot be listened on/],
    [
      { action: "open", on, listen: "/nowhere/x.sock", to: "1" },
      /^bad_input: .*no directory that this user can write to/,
    ],
    [{ action: "open", on: "nosuchhost.invalid", to: "1" }, /^(dial_failed|target_unknown): /],
  ] as const) {
    expect(await call("ssh_tunnel", args)).toMatch(reply);
  }
  expect(await call("ssh_list", { what: "tunnels" })).toBe("0 tunnels · ssh_tunnel opens one");
});

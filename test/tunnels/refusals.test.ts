import { afterEach, describe, expect, it } from "vitest";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { TunnelScene, echo, exchange, placeOf, textOf } from "./tunnel-scene.ts";

let scene: TunnelScene | undefined;
afterEach(async () => {
  await scene?.remove();
  scene = undefined;
});

const open = async (...config: readonly string[]): Promise<TunnelScene> => {
  scene = await new TunnelScene(await startOpenSsh({ config })).open();
  return scene;
};

describe("a server that does not forward", () => {
  it.each(["DisableForwarding yes", "AllowTcpForwarding no"])("%s", async (line) => {
    const it_ = await open(line);
    await expect(it_.tunnel({ kind: "remote", to: "1" })).rejects.toMatchObject({
      code: "forward_refused",
      message: expect.stringContaining("refused to listen on 127.0.0.1:0"),
      hint: expect.stringContaining("AllowTcpForwarding"),
    });
    const place = await it_.serve(echo);
    const { id, ...local } = await it_.tunnel({ kind: "local", to: textOf(place) });
    expect(await exchange(placeOf({ id, ...local }), "hello")).toMatchObject({ end: "broken", bytes: Buffer.alloc(0) });
    expect(it_.summary(id).lastFailure).toMatch(/^forward_refused: .* does not forward to .*PermitOpen/);
  });

  it("PermitOpen and PermitListen: what they name and nothing else", async () => {
    const it_ = await open("PermitOpen 127.0.0.1:1", "PermitListen 127.0.0.1:1");
    const place = await it_.serve(echo);
    const tunnel = await it_.tunnel({ kind: "local", to: textOf(place) });
    await exchange(placeOf(tunnel), "hello");
    expect(it_.summary(tunnel.id).lastFailure).toMatch(/^forward_refused: /);
    const allowed = await it_.tunnel({ kind: "local", to: "127.0.0.1:1" });
    await exchange(placeOf(allowed), "hello");
    expect(it_.summary(allowed.id).lastFailure).toMatch(/^dial_failed: /);
    await expect(it_.tunnel({ kind: "remote", to: "1" })).rejects.toMatchObject({ code: "forward_refused" });
  });

  it("MaxSessions 1 is no limit for what is forwarded", async () => {
    const it_ = await open("MaxSessions 1");
    const place = await it_.serve(echo);
    const tunnel = await it_.tunnel({ kind: "local", to: textOf(place) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(placeOf(tunnel), "hello")));
    expect(answers.every(({ bytes }) => bytes.toString() === "hello")).toBe(true);
  });
});

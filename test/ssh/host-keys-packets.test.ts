import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSsh2Engine, offerHostKey, type ConnectPlan } from "../../src/ssh/index.ts";
import {
  canMakeUsers,
  makeKeyPair,
  makeTempDir,
  startDropbear,
  startOpenSsh,
  waitUntil,
  type TempDir,
  type TestServer,
} from "../helpers/servers/index.ts";
import { packet, startPacketLog, type PacketLog } from "./packet-log.ts";
import { planFor } from "./plan.ts";

const engine = createSsh2Engine();

describe("what is sent to a host whose key is refused", () => {
  let server: TestServer;
  let directory: TempDir;
  let files = 0;
  const publicKey = (path: string): string => readFileSync(path, "utf8").split(" ").slice(0, 2).join(" ");
  const newPath = (): string => {
    files += 1;
    return join(directory.path, `file-${files}`);
  };

  beforeAll(async () => {
    directory = makeTempDir();
    const host = makeKeyPair(join(directory.path, "host"));
    const authority = makeKeyPair(join(directory.path, "ca"));
    execFileSync("ssh-keygen", ["-q", "-s", authority.file, "-I", "h", "-h", "-n", "127.0.0.1", `${host.file}.pub`]);
    server = await startOpenSsh({
      hostKeyTypes: ["ecdsa"],
      config: [`HostKey ${host.file}`, `HostCertificate ${host.file}-cert.pub`],
    });
  });
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  const knownHosts = (text: string, log: PacketLog): Partial<ConnectPlan> => {
    const path = newPath();
    writeFileSync(path, text.replaceAll("HOST", `[127.0.0.1]:${log.port}`));
    return { port: log.port, knownHostsFiles: [path], ownKnownHostsFile: join(newPath(), "known_hosts") };
  };
  const stranger = (): string => publicKey(`${makeKeyPair(newPath()).file}.pub`);
  const modes = ["ask", "strict", "accept-new"] as const;

  /** Nothing but the key exchange, and a good-bye at most. */
  const expectNothingSent = async (log: PacketLog): Promise<void> => {
    await waitUntil("the connection is down", () => log.open === 0);
    const isGoodbye = log.sent.at(-1) === packet.disconnect;
    expect(log.sent.slice(0, isGoodbye ? -1 : undefined)).toEqual([packet.kexInit, packet.exchangeInit]);
    expect(log.unreadBytes).toBe(0);
  };

  it.each<[string, string, () => string, readonly (typeof modes)[number][]]>([
    ["unknown", "host_key_unknown", () => "", ["ask", "strict"]],
    ["changed", "host_key_changed", () => `HOST ${stranger()}\n`, modes],
    ["revoked", "host_key_revoked", () => `@revoked * ${publicKey(join(directory.path, "host.pub"))}\n`, modes],
    ["of another authority", "host_key_unknown", () => `@cert-authority HOST ${stranger()}\n`, modes],
    [
      "of a revoked authority",
      "host_key_revoked",
      () => {
        const authority = publicKey(join(directory.path, "ca.pub"));
        return `@cert-authority HOST ${authority}\n@revoked * ${authority}\n`;
      },
      modes,
    ],
  ])("%s: nothing after the key exchange, in any mode", async (_what, code, known, refusingModes) => {
    for (const unknownHostKey of refusingModes) {
      const log = await startPacketLog(server.port);
      const plan = planFor(server, { ...knownHosts(known(), log), unknownHostKey, password: "secret" });
      await expect(engine.connect(plan)).rejects.toMatchObject({ code });
      await expectNothingSent(log);
      await log.stop();
    }
    expect(server.log()).not.toMatch(/Accepted|Failed|Invalid user|userauth/);
  });

  it("looking at a key with holdfast trust sends nothing either", async () => {
    const log = await startPacketLog(server.port);
    expect((await offerHostKey(planFor(server, knownHosts("", log)))).standing).toBe("unknown");
    await expectNothingSent(log);
    await log.stop();
  });

  it("a key that is accepted: then everything goes on encrypted", async () => {
    const log = await startPacketLog(server.port);
    const known = `@cert-authority HOST ${publicKey(join(directory.path, "ca.pub"))}\n`;
    await (await engine.connect(planFor(server, knownHosts(known, log)))).close();
    expect(log.sent).toEqual([packet.kexInit, packet.exchangeInit, packet.newKeys]);
    expect(log.unreadBytes).toBeGreaterThan(0);
    await log.stop();
  });

  it.runIf(canMakeUsers)("the same with dropbear", async () => {
    const dropbear = await startDropbear();
    const log = await startPacketLog(dropbear.port);
    for (const text of ["", `HOST ${stranger()}\n`]) {
      const refused = engine.connect(planFor(dropbear, knownHosts(text, log)));
      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/host_key_(?:unknown|changed)/) });
    }
    await waitUntil("the connections are down", () => log.open === 0);
    expect(log.sent.filter((type) => type !== packet.disconnect)).toEqual([
      packet.kexInit,
      packet.exchangeInit,
      packet.kexInit,
      packet.exchangeInit,
    ]);
    expect(log.unreadBytes).toBe(0);
    await log.stop();
    await dropbear.stop();
    dropbear.loginUser?.remove();
  });
});

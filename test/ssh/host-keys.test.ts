import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSsh2Engine, offerHostKey, type ConnectPlan } from "../../src/ssh/index.ts";
import { makeKeyPair, makeTempDir, startOpenSsh, type TempDir, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const engine = createSsh2Engine();

describe("host keys", () => {
  let server: TestServer;
  let directory: TempDir;
  let files = 0;
  const knownHosts = (text: string): Partial<ConnectPlan> => {
    files += 1;
    const path = join(directory.path, `known-${files}`);
    writeFileSync(path, text);
    return { knownHostsFiles: [path], ownKnownHostsFile: join(directory.path, `own-${files}`, "known_hosts") };
  };
  const connect = async (changes: Partial<ConnectPlan>): Promise<void> => {
    const connection = await engine.connect(planFor(server, changes));
    await connection.close();
  };
  /** `<type> <base64>` of the server's key of a type. */
  const keyOf = (type: string): string =>
    readFileSync(join(server.directory, `host_${type}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  const otherKey = (): string => {
    files += 1;
    return makeKeyPair(join(directory.path, `other-${files}`))
      .publicLine.split(" ")
      .slice(0, 2)
      .join(" ");
  };
  /** A key of a type that the server has none of, in base64. */
  const otherEcdsa = (): string => {
    files += 1;
    const file = join(directory.path, `other-${files}`);
    execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-b", "384", "-N", "", "-f", file]);
    return readFileSync(`${file}.pub`, "utf8").split(" ")[1] ?? "";
  };
  const fingerprintOf = (type: string): string =>
    execFileSync("ssh-keygen", ["-lf", join(server.directory, `host_${type}.pub`)], { encoding: "utf8" }).split(
      " ",
    )[1] ?? "";

  beforeAll(async () => {
    directory = makeTempDir();
    server = await startOpenSsh({ hostKeyTypes: ["ed25519", "ecdsa", "rsa"] });
  });
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  it("known: in one of several files, some missing", async () => {
    await connect({ knownHostsFiles: [join(directory.path, "missing"), server.knownHostsFile] });
  });

  it("unknown: refused with fingerprint and remedy, and nothing is sent", async () => {
    const refused = connect(knownHosts(""));
    await expect(refused).rejects.toMatchObject({
      code: "host_key_unknown",
      message: expect.stringContaining(fingerprintOf("ed25519")),
      hint: expect.stringContaining("holdfast trust box"),
    });
    expect(server.log()).not.toMatch(/Failed|Invalid user/);
  });

  it("changed: refused in any case, with both fingerprints, file and line", async () => {
    const changes = knownHosts(`# a comment\n\n[127.0.0.1]:${server.port} ${otherKey()}\n`);
    for (const unknownHostKey of ["ask", "strict", "accept-new"] as const) {
      await expect(connect({ ...changes, unknownHostKey })).rejects.toMatchObject({
        code: "host_key_changed",
        message: expect.stringMatching(
          new RegExp(`offered SHA256:\\S+, ${changes.knownHostsFiles?.[0]} line 3 has SHA256:`),
        ),
        hint: expect.stringMatching(/Nothing was sent.*holdfast trust box/),
      });
    }
  });

  it("revoked: refused although another line knows it", async () => {
    const line = `[127.0.0.1]:${server.port} ${keyOf("ed25519")}`;
    await expect(connect(knownHosts(`${line}\n@revoked * ${keyOf("ed25519")}\n`))).rejects.toMatchObject({
      code: "host_key_revoked",
    });
  });

  it("a line of a certificate authority does not count as the host's own key", async () => {
    const refused = connect(knownHosts(`@cert-authority * ${keyOf("ed25519")}\n`));
    await expect(refused).rejects.toMatchObject({ code: "host_key_unknown" });
  });

  it("hashed names, as ssh-keygen writes them", async () => {
    const changes = knownHosts(`[127.0.0.1]:${server.port} ${keyOf("ed25519")}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", changes.knownHostsFiles?.[0] ?? ""], { stdio: "ignore" });
    expect(readFileSync(changes.knownHostsFiles?.[0] ?? "", "utf8")).toMatch(/^\|1\|/);
    await connect(changes);
  });

  it("the port belongs to the name, but a name without one serves, too", async () => {
    await expect(connect(knownHosts(`[127.0.0.1]:1 ${keyOf("ed25519")}\n`))).rejects.toMatchObject({
      code: "host_key_unknown",
    });
    await connect(knownHosts(`127.0.0.1 ${keyOf("rsa")}\n`));
  });

  it("accept-new: a key of another type than the known one is no new host's", async () => {
    const changes = knownHosts(`[127.0.0.1]:${server.port} ecdsa-sha2-nistp384 ${otherEcdsa()}\n`);
    await expect(connect({ ...changes, unknownHostKey: "accept-new" })).rejects.toMatchObject({
      code: "host_key_unknown",
      message: expect.stringContaining("only ecdsa-sha2-nistp384 of it is known"),
    });
  });

  it("HostKeyAlias is looked up as it is", async () => {
    await connect({ ...knownHosts(`the-box ${keyOf("ed25519")}\n`), hostKeyAlias: "the-box" });
  });

  it.each(["ecdsa", "rsa"])("asks for the %s key when that is the one that is known", async (type) => {
    await connect(knownHosts(`[127.0.0.1]:${server.port} ${keyOf(type)}\n`));
  });

  it("accept-new: kept in Holdfast's own file with 0600, and known from then on", async () => {
    const changes = knownHosts("");
    const before = readFileSync(changes.knownHostsFiles?.[0] ?? "", "utf8");
    await connect({ ...changes, unknownHostKey: "accept-new" });
    const own = changes.ownKnownHostsFile ?? "";
    expect(readFileSync(own, "utf8")).toBe(`[127.0.0.1]:${server.port} ${keyOf("ed25519")}\n`);
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(readFileSync(changes.knownHostsFiles?.[0] ?? "", "utf8")).toBe(before);
    await connect(changes);
  });

  it("trust: shows the key, writes only when it is accepted, then connecting works", async () => {
    const changes = knownHosts("");
    const offer = await offerHostKey(planFor(server, changes));
    expect(offer).toMatchObject({
      standing: "unknown",
      keyType: "ED25519",
      fingerprint: fingerprintOf("ed25519"),
      known: undefined,
    });
    expect(existsSync(changes.ownKnownHostsFile ?? "")).toBe(false);
    expect(offer.accept()).toEqual({ file: changes.ownKnownHostsFile, remains: undefined });
    await connect(changes);
    expect((await offerHostKey(planFor(server, changes))).standing).toBe("known");
  });

  it("trust: takes the place of a former key of its own, leaves other lines, and tells what remains elsewhere", async () => {
    const former = otherKey();
    const changes = knownHosts(`[127.0.0.1]:${server.port} ${former}\n`);
    const own = changes.ownKnownHostsFile ?? "";
    const first = await offerHostKey(planFor(server, changes));
    expect(first).toMatchObject({ standing: "changed", known: { file: changes.knownHostsFiles?.[0], line: 1 } });
    expect(first.accept().remains).toMatchObject({ line: 1 });
    await connect(changes);
    writeFileSync(own, `other.example ${former}\n[127.0.0.1]:${server.port} ${former}\n# note\n`);
    const second = await offerHostKey(planFor(server, { ...changes, knownHostsFiles: [] }));
    expect(second).toMatchObject({ standing: "changed", known: { file: own, line: 2 } });
    expect(second.accept()).toEqual({ file: own, remains: undefined });
    expect(readFileSync(own, "utf8")).toBe(
      `other.example ${former}\n# note\n[127.0.0.1]:${server.port} ${keyOf("ed25519")}\n`,
    );
  });

  it("trust: a revoked key cannot be accepted", async () => {
    const offer = await offerHostKey(planFor(server, knownHosts(`@revoked * ${keyOf("ed25519")}\n`)));
    expect(offer.standing).toBe("revoked");
    expect(() => offer.accept()).toThrow(expect.objectContaining({ code: "host_key_revoked" }));
  });
});

import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeKeyPair,
  makeTempDir,
  startOpenSsh,
  type KeyPair,
  type KeyType,
  type LoginUser,
  type TempDir,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";
import { startAgent, type TestAgent } from "./ssh-agent.ts";
import { startTokenAgent, type TokenAgent } from "./token-agent.ts";

const engine = createSsh2Engine();
const keyTypes = ["ed25519", "ecdsa", "rsa"] as const;

describe.runIf(canMakeUsers)("keys of every kind", () => {
  let user: LoginUser;
  let server: TestServer;
  let directory: TempDir;
  let count = 0;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    user = await createLoginUser();
    directory = makeTempDir();
    makeKeyPair(join(directory.path, "ca"));
    server = await startOpenSsh({
      loginUser: user,
      config: [`TrustedUserCAKeys ${join(directory.path, "ca.pub")}`],
    });
  });
  afterAll(async () => {
    await server.stop();
    for (const agent of agents) agent.stop();
    directory.remove();
    user.remove();
  });

  const newKey = (type: KeyType = "ed25519"): KeyPair => {
    count += 1;
    return makeKeyPair(join(directory.path, `key-${count}`), { type });
  };
  const newAgent = async (...keyFiles: readonly string[]): Promise<TestAgent> => {
    const agent = await startAgent();
    agents.push(agent);
    for (const file of keyFiles) agent.add(file);
    return agent;
  };
  /** Makes `<key>-cert.pub`; for the test's user, unless said otherwise. */
  const certify = (key: KeyPair, options: readonly string[] = ["-n", user.name]): string => {
    const authority = join(directory.path, "ca");
    execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "user", ...options, `${key.file}.pub`]);
    return `${key.file}-cert.pub`;
  };
  const logIn = async (changes: Partial<ConnectPlan>): Promise<void> => {
    const connection = await engine.connect(planFor(server, { identityFiles: [], ...changes }));
    try {
      expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
    } finally {
      await connection.close();
    }
  };
  const withKey = (path: string): Partial<ConnectPlan> => ({ identityFiles: [{ path, explicit: true }] });
  const attempts = (): number => server.log().match(/(?:Failed|Accepted) publickey/g)?.length ?? 0;

  describe("certificates", () => {
    it.each(keyTypes)("of an %s key, beside the key file", async (type) => {
      const key = newKey(type);
      certify(key);
      await logIn(withKey(key.file));
    });

    it.each(keyTypes)("of an %s key, with key and certificate in the agent alone", async (type) => {
      const key = newKey(type);
      certify(key);
      const agent = await newAgent(key.file);
      await logIn({ identitiesOnly: false, agentSocket: agent.socket });
    });

    it("named by CertificateFile, with the key in a file or in the agent", async () => {
      const key = newKey();
      const elsewhere = join(directory.path, "moved-certificate");
      execFileSync("mv", [certify(key), elsewhere]);
      await expect(logIn(withKey(key.file))).rejects.toMatchObject({ code: "auth_failed" });
      await logIn({ ...withKey(key.file), certificateFiles: [elsewhere] });
      const agent = await newAgent(key.file);
      await logIn({ certificateFiles: [elsewhere], identitiesOnly: true, agentSocket: agent.socket });
    });

    it("of the agent, for a key that is named by its public half", async () => {
      const key = newKey();
      certify(key);
      const agent = await newAgent(key.file);
      rmSync(key.file);
      rmSync(`${key.file}-cert.pub`);
      await logIn({ ...withKey(`${key.file}.pub`), agentSocket: agent.socket });
    });

    it("are offered before their key, and the key is offered, too", async () => {
      const key = newKey();
      certify(key, ["-n", "somebody-else"]);
      user.authorize(key.publicLine);
      const before = attempts();
      await logIn(withKey(key.file));
      expect(attempts()).toBe(before + 2);
    });

    it("that are of no use are not offered, and the error says why", async () => {
      const key = newKey();
      const before = attempts();
      certify(key, ["-n", user.name, "-V", "-2h:-1h"]);
      await expect(logIn(withKey(key.file))).rejects.toMatchObject({
        code: "auth_failed",
        hint: expect.stringMatching(/Not tried: the certificate \S+-cert\.pub has expired/),
      });
      const host = certify(newKey(), ["-h", "-n", "web1"]);
      await expect(logIn({ ...withKey(key.file), certificateFiles: [host, "/nowhere"] })).rejects.toMatchObject({
        hint: expect.stringMatching(/is no user certificate; the certificate \/nowhere cannot be read/),
      });
      expect(attempts()).toBe(before + 2);
    });
  });

  describe("an agent", () => {
    it("IdentitiesOnly: only keys that are named, by a private or a public file", async () => {
      const strangers = Array.from({ length: 6 }, () => newKey());
      const key = newKey();
      user.authorize(key.publicLine);
      const agent = await newAgent(...strangers.map(({ file }) => file), key.file);
      rmSync(key.file);
      const before = attempts();
      await logIn({ ...withKey(`${key.file}.pub`), agentSocket: agent.socket });
      await logIn({ identityFiles: [{ path: key.file, explicit: false }], agentSocket: agent.socket });
      expect(attempts()).toBe(before + 2);
    });

    it("an RSA key is signed with once: no second try with another algorithm", async () => {
      const stranger = newKey("rsa");
      const agent = await newAgent(stranger.file);
      const before = attempts();
      await expect(logIn({ identitiesOnly: false, agentSocket: agent.socket })).rejects.toMatchObject({
        code: "auth_failed",
      });
      await expect(logIn(withKey(stranger.file))).rejects.toMatchObject({ code: "auth_failed" });
      expect(attempts()).toBe(before + 2);
      expect(server.log()).not.toMatch(/ssh-rsa .*SHA1|rsa-sha1/i);
    });

    it("a key whose private file is encrypted, and that has no public file beside it", async () => {
      count += 1;
      const key = makeKeyPair(join(directory.path, `key-${count}`));
      user.authorize(key.publicLine);
      const agent = await newAgent(key.file);
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", key.file]);
      rmSync(`${key.file}.pub`);
      await logIn({ ...withKey(key.file), agentSocket: agent.socket });
    });
  });

  describe("keys of FIDO tokens", () => {
    let token: TokenAgent;
    beforeAll(async () => {
      token = await startTokenAgent();
    });
    afterAll(() => token.stop());
    const throughToken = (): Partial<ConnectPlan> => ({ identitiesOnly: false, agentSocket: token.socket });

    it("are of no use where they are not known: shown, but not signed with", async () => {
      const before = token.signed;
      await expect(logIn(throughToken())).rejects.toMatchObject({
        code: "auth_failed",
        message: expect.stringContaining("Tried: a token (agent), a token (agent)"),
      });
      expect(token.signed).toBe(before);
    });

    it.each(["ed25519", "ecdsa"] as const)("%s", async (type) => {
      user.authorize(token.publicLines[type]);
      const before = token.signed;
      await logIn(throughToken());
      expect(token.signed).toBe(before + 1);
    });

    it.each(["refuses", "hangs up", "signs wrongly"] as const)("a token that %s: the next key follows", async (how) => {
      token.behave(how);
      const key = newKey();
      user.authorize(key.publicLine);
      await logIn({ ...throughToken(), identityFiles: [{ path: key.file, explicit: false }] });
      await expect(logIn(throughToken())).rejects.toMatchObject({
        code: "auth_failed",
        message: how === "signs wrongly" ? expect.anything() : expect.stringContaining("the agent"),
      });
      token.behave("signs");
    });
  });

  describe("files that cannot be used", () => {
    it("say what to do", async () => {
      const putty = join(directory.path, "key.ppk");
      writeFileSync(putty, "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n");
      await expect(logIn(withKey(putty))).rejects.toMatchObject({
        code: "key_unreadable",
        hint: `Convert it: puttygen ${putty} -O private-openssh -o <new file>`,
      });
      const { file } = newKey();
      await expect(logIn(withKey(`${file}.pub`))).rejects.toMatchObject({
        code: "key_unreadable",
        message: expect.stringContaining("holds only a public key"),
      });
    });
  });
});

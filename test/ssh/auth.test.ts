import { copyFileSync, chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createSsh2Engine, type ConnectPlan } from "../../src/ssh/index.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeKeyPair,
  makeTempDir,
  startDropbear,
  startOpenSsh,
  waitUntil,
  type KeyType,
  type LoginUser,
  type ServerOptions,
  type TempDir,
  type TestServer,
} from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";
import { startAgent, type TestAgent } from "./ssh-agent.ts";

const engine = createSsh2Engine();

/** How often `text` stands in the server's log. */
function logged(server: TestServer, text: RegExp): number {
  return server.log().match(new RegExp(text, "g"))?.length ?? 0;
}

/** Waits until the server has logged `text` `count` times; more is a failure. It logs from several processes, so it may come late. */
async function expectLogged(server: TestServer, text: RegExp, count: number): Promise<void> {
  await waitUntil(`${count} times ${text.source} in the log`, () => logged(server, text) >= count);
  expect(logged(server, text)).toBe(count);
}

async function logIn(server: TestServer, changes: Partial<ConnectPlan> = {}): Promise<void> {
  const connection = await engine.connect(planFor(server, changes));
  try {
    expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
  } finally {
    await connection.close();
  }
}

describe.runIf(canMakeUsers)("logging in", () => {
  let user: LoginUser;
  let server: TestServer;
  let keys: TempDir;
  let agent: TestAgent;
  const others: TestServer[] = [];
  const startOther = async (options: ServerOptions): Promise<TestServer> => {
    const other = await startOpenSsh({ loginUser: user, ...options });
    others.push(other);
    return other;
  };

  beforeAll(async () => {
    user = await createLoginUser();
    server = await startOpenSsh({ loginUser: user });
    keys = makeTempDir();
    agent = await startAgent();
  });
  afterAll(async () => {
    agent.stop();
    await Promise.all([server, ...others].map((one) => one.stop()));
    keys.remove();
    user.remove();
  });

  const newKey = (name: string, options: Parameters<typeof makeKeyPair>[1] = {}): string => {
    const pair = makeKeyPair(join(keys.path, name), options);
    user.authorize(pair.publicLine);
    return pair.file;
  };
  const withKey = (path: string, explicit = true): Partial<ConnectPlan> => ({ identityFiles: [{ path, explicit }] });

  it.each<[KeyType, "PEM" | "PKCS8" | undefined]>([
    ["ed25519", undefined],
    ["ecdsa", undefined],
    ["rsa", undefined],
    ["rsa", "PEM"],
    ["ecdsa", "PEM"],
    ["rsa", "PKCS8"],
    ["ecdsa", "PKCS8"],
  ])("with an %s key in the format %s", async (type, format) => {
    await logIn(server, withKey(newKey(`${type}-${format}`, format === undefined ? { type } : { type, format })));
  });

  it.each(["PKCS8", "PEM", undefined] as const)(
    "with an encrypted key in the format %s: right, wrong and no passphrase",
    async (format) => {
      const path = newKey(`locked-${format}`, {
        type: "ecdsa",
        passphrase: "open sesame",
        ...(format === undefined ? {} : { format }),
      });
      await logIn(server, { ...withKey(path), passphrase: "open sesame" });
      const before = server.log();
      const attempt = (passphrase: string): Promise<void> => logIn(server, { ...withKey(path), passphrase });
      await expect(attempt("wrong")).rejects.toMatchObject({
        code: "key_unreadable",
        message: expect.stringContaining("passphrase is wrong"),
      });
      await expect(logIn(server, withKey(path))).rejects.toMatchObject({
        code: "key_unreadable",
        message: expect.stringContaining("no passphrase was given"),
      });
      expect(server.log()).toBe(before);
    },
  );

  it("names a key file that is missing, no key, or a directory, before anything is sent", async () => {
    const noKey = join(keys.path, "no-key");
    writeFileSync(noKey, "hello\n");
    const before = server.log();
    await expect(logIn(server, withKey(join(keys.path, "missing")))).rejects.toMatchObject({
      code: "key_unreadable",
      message: expect.stringContaining("does not exist"),
    });
    await expect(logIn(server, withKey(noKey))).rejects.toMatchObject({ code: "key_unreadable" });
    await expect(logIn(server, withKey(keys.path))).rejects.toMatchObject({ code: "key_unreadable" });
    expect(server.log()).toBe(before);
  });

  it("skips a missing key that the caller did not name", async () => {
    const identityFiles = [
      { path: join(keys.path, "missing"), explicit: false },
      { path: server.keyFile, explicit: false },
    ];
    await logIn(server, { identityFiles });
  });

  it("with a key that only the agent can use", async () => {
    const path = newKey("for-agent");
    agent.add(path);
    await logIn(server, { identityFiles: [], identitiesOnly: false, agentSocket: agent.socket });
    const lockedHere = newKey("locked-here");
    agent.add(lockedHere);
    writeFileSync(lockedHere, "unreadable");
    await logIn(server, { ...withKey(lockedHere), agentSocket: agent.socket });
  });

  it("offers at most 5 keys, and with IdentitiesOnly none but the named ones", async () => {
    const crowd = await startAgent();
    for (let index = 0; index < 8; index += 1) crowd.add(makeKeyPair(join(keys.path, `stranger-${index}`)).file);
    const offered = /Failed publickey/;
    const before = logged(server, offered);
    const refused = logIn(server, { identityFiles: [], identitiesOnly: false, agentSocket: crowd.socket });
    await expect(refused).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(/the server takes publickey, ?password/),
    });
    await expectLogged(server, offered, before + 5);
    await logIn(server, { ...withKey(server.keyFile, false), agentSocket: crowd.socket });
    await expectLogged(server, offered, before + 5);
    crowd.stop();
  });

  it("an agent that is gone is no reason to fail", async () => {
    await logIn(server, { agentSocket: join(keys.path, "no-agent"), identitiesOnly: false });
  });

  it("with the password", async () => {
    await logIn(server, { identityFiles: [], password: user.password });
  });

  it("a wrong password is sent once", async () => {
    const failed = /Failed password/;
    const before = logged(server, failed);
    const attempt = logIn(server, { identityFiles: [], password: "not it" });
    await expect(attempt).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("Tried: password"),
    });
    await expectLogged(server, failed, before + 1);
  });

  it("never shows the password or the passphrase", async () => {
    const attempt = logIn(server, { identityFiles: [], password: "sw0rdfish" });
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("sw0rdfish");
  });

  it("a refused key, named with what the server takes", async () => {
    const stranger = makeKeyPair(join(keys.path, "refused")).file;
    await expect(logIn(server, withKey(stranger))).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringMatching(
        new RegExp(`refused the login of ${user.name}.*refused; the server takes publickey`),
      ),
    });
  });

  it("nothing to offer says so", async () => {
    await expect(logIn(server, { identityFiles: [] })).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("nothing"),
    });
  });

  it("key and password, where the server wants both", async () => {
    const both = await startOther({ config: ["AuthenticationMethods publickey,password"] });
    await logIn(both, { password: user.password });
    await expect(logIn(both)).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("the server takes password"),
    });
  });

  it("the password by keyboard-interactive, once", async () => {
    const asking = await startOther({
      config: ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"],
    });
    await logIn(asking, { identityFiles: [], password: user.password });
    const attempt = logIn(asking, { identityFiles: [], password: "not it" });
    await expect(attempt).rejects.toMatchObject({ code: "auth_failed" });
    await expectLogged(asking, /Failed keyboard-interactive/, 1);
  });

  it("too few attempts allowed for the keys", async () => {
    const strict = await startOther({ config: ["MaxAuthTries 1"] });
    const identityFiles = ["a", "b"].map((name) => ({
      path: makeKeyPair(join(keys.path, `try-${name}`)).file,
      explicit: false,
    }));
    await expect(logIn(strict, { identityFiles })).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("too many attempts"),
    });
  });

  it("on dropbear: keys of two types, an agent, password, and a wrong password once", async () => {
    const dropbear = await startDropbear({ loginUser: user });
    others.push(dropbear);
    await logIn(dropbear);
    await logIn(dropbear, { identityFiles: [], password: user.password });
    const rsa = newKey("dropbear-rsa", { type: "rsa" });
    agent.add(rsa);
    await logIn(dropbear, withKey(rsa));
    await logIn(dropbear, { ...withKey(rsa), agentSocket: agent.socket });
    await expect(logIn(dropbear, { identityFiles: [], password: "not it" })).rejects.toMatchObject({
      code: "auth_failed",
    });
    await expectLogged(dropbear, /Bad password attempt/, 1);
  });
});

describe("a key for the current user", () => {
  it("that others can read still serves", async () => {
    const server = await startOpenSsh();
    const path = join(server.directory, "open-key");
    copyFileSync(server.keyFile, path);
    chmodSync(path, 0o600);
    await logIn(server, { identityFiles: [{ path, explicit: true }] });
    await server.stop();
  });
});

import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createEngine, type ConnectPlan } from "../../src/ssh/index.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { hasKerberos, startRealm, type KerberosRealm } from "./kerberos-realm.ts";
import { planFor } from "./plan.ts";

describe.runIf(hasKerberos)("a Kerberos ticket", () => {
  let realm: KerberosRealm;
  let server: TestServer;

  beforeAll(async () => {
    realm = await startRealm(userInfo().username);
    // The server and ssh take this from us.
    Object.assign(process.env, realm.env);
    server = await startOpenSsh({
      config: ["GSSAPIAuthentication yes", "GSSAPIStrictAcceptorCheck no", "PubkeyAuthentication no"],
    });
  });
  afterAll(async () => {
    for (const name of Object.keys(realm.env)) Reflect.deleteProperty(process.env, name);
    await server.stop();
    realm.stop();
  });

  const plan = (changes: Partial<ConnectPlan> = {}): ConnectPlan =>
    planFor(server, { identityFiles: [], sshOptions: { GSSAPIAuthentication: "yes" }, ...changes });

  it("has the system's ssh taken by itself, and lets in without anything else", async () => {
    realm.logIn();
    const connection = await createEngine().connect(plan());
    expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
    await connection.close();
    expect(server.log()).toMatch(/Accepted gssapi-with-mic/);
  });

  it("without one nobody is let in, and the error says what the server takes", async () => {
    rmSync(realm.env["KRB5CCNAME"]?.replace("FILE:", "") ?? "");
    await expect(createEngine().connect(plan({ engine: "openssh" }))).rejects.toMatchObject({
      code: "auth_failed",
      message: expect.stringContaining("gssapi-with-mic"),
    });
  });
});

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToEnd } from "../../src/ssh/channel-outcome.conformance.ts";
import { createEngine, type PersonQuestions } from "../../src/ssh/index.ts";
import { makeTempDir, startOpenSsh, type TempDir, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

/** Where Debian puts the software token. */
const provider = "/usr/lib/softhsm/libsofthsm2.so";
const pin = "271828";

describe.runIf(existsSync(provider))("a key on a PKCS#11 token", () => {
  let server: TestServer;
  let directory: TempDir;

  beforeAll(async () => {
    directory = makeTempDir();
    server = await startOpenSsh();
    const settings = join(directory.path, "softhsm2.conf");
    mkdirSync(join(directory.path, "tokens"));
    writeFileSync(settings, `directories.tokendir = ${join(directory.path, "tokens")}\n`);
    // The provider runs inside ssh, which takes this from us.
    process.env["SOFTHSM2_CONF"] = settings;
    const key = join(directory.path, "key");
    execFileSync("openssl", ["genpkey", "-quiet", "-algorithm", "RSA", "-out", key]);
    execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "t", "--so-pin", "1234", "--pin", pin]);
    execFileSync("softhsm2-util", ["--import", key, "--token", "t", "--label", "k", "--id", "01", "--pin", pin]);
    const line = execFileSync("ssh-keygen", ["-D", provider], { encoding: "utf8" });
    writeFileSync(join(server.directory, "authorized_keys"), line);
  });
  afterAll(async () => {
    delete process.env["SOFTHSM2_CONF"];
    await server.stop();
    directory.remove();
  });

  it("has the system's ssh taken by itself, and its PIN asked of a person", async () => {
    const asked: string[] = [];
    const people: PersonQuestions = {
      confirmHostKey: async () => "nobody",
      answerPrompts: async ({ prompts }) => {
        asked.push(...prompts.map(({ text }) => text));
        return prompts.map(() => pin);
      },
    };
    const plan = planFor(server, { identityFiles: [], sshOptions: { PKCS11Provider: provider } });
    const connection = await createEngine({ people }).connect(plan);
    expect((await runToEnd(connection, "exit 3")).end).toEqual({ kind: "exit", status: 3 });
    expect(asked).toEqual([expect.stringMatching(/PIN/)]);
    await connection.close();
  });
});

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSsh2Engine, type FirstExec, type SshConnection } from "../../src/ssh/index.ts";
import { collect } from "../../src/ssh/channel-outcome.conformance.ts";
import { makeKeyPair, makeTempDir, startDropbear, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

/** Connections of one test: each may meet the server's processes at another moment. */
const rounds = 15;

const command = "cat; echo end >&2; exit 3";

function first(input: string): FirstExec & { readonly wasSent: () => boolean } {
  let went = false;
  return {
    command,
    input,
    sent: () => {
      went = true;
    },
    dropped: () => undefined,
    wasSent: () => went,
  };
}

/** Runs what was announced, ends its input, and gives what came of it. */
async function runFirst(connection: SshConnection, input: string) {
  const { listener, outcome } = collect();
  const channel = await connection.exec(command, listener, { input });
  channel.eof();
  const { stdout, stderr, end } = await outcome;
  return { stdout: stdout.toString(), stderr: stderr.toString(), end };
}

const whole = (input: string) => ({ stdout: input, stderr: "end\n", end: { kind: "exit", status: 3 } });

describe.each([
  ["OpenSSH", startOpenSsh],
  ["dropbear", startDropbear],
] as const)("the first command on a connection to %s", (_name, start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start({});
  });
  afterAll(() => server.stop());

  it.each([0, 30_000, 120_000, 1_000_000])("runs whole with %i bytes of input, announced or not", async (size) => {
    const engine = createSsh2Engine();
    const input = randomBytes(size / 2).toString("hex");
    for (const announced of [first(input), undefined]) {
      const connection = await engine.connect(planFor(server), undefined, announced);
      expect(await runFirst(connection, input)).toEqual(whole(input));
      expect(await runFirst(connection, input)).toEqual(whole(input));
      await connection.close();
    }
  });

  it("runs whole every time when it goes out with the login", async () => {
    const engine = createSsh2Engine();
    for (let round = 0; round < rounds; round += 1) {
      const announced = first(`${round}\n`);
      const connection = await engine.connect(planFor(server), undefined, announced);
      expect(announced.wasSent()).toBe(server.kind === "openssh");
      expect(await runFirst(connection, announced.input)).toEqual(whole(announced.input));
      await connection.close();
    }
  });

  it("never runs when the login is refused, and the error is as ever", async () => {
    const mark = join(makeTempDir().path, "ran");
    const announced: FirstExec = {
      command: `touch '${mark}'`,
      input: "",
      sent: () => undefined,
      dropped: () => undefined,
    };
    const plan = planFor(server, { identityFiles: [{ path: otherKey(), explicit: true }] });
    const failed = createSsh2Engine().connect(plan, undefined, announced);
    await expect(failed).rejects.toMatchObject({ code: "auth_failed", message: expect.stringContaining("other.key") });
    expect(existsSync(mark)).toBe(false);
  });

  it("runs once when the second key is the right one", async () => {
    const announced = first("once\n");
    const identityFiles = [otherKey(), server.keyFile].map((path) => ({ path, explicit: true }));
    const connection = await createSsh2Engine().connect(planFor(server, { identityFiles }), undefined, announced);
    expect(await runFirst(connection, announced.input)).toEqual(whole(announced.input));
    await connection.close();
  });
});

/** A key that no server knows. */
function otherKey(): string {
  const path = join(makeTempDir().path, "other.key");
  return makeKeyPair(path).file;
}

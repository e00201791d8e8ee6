import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asHoldfastError } from "../../src/base/index.ts";
import { createSsh2Engine, type ChannelEnd, type SshConnection } from "../../src/ssh/index.ts";
import { canMakeUsers, startDropbear, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

/** Commands that start and end beside each other: while one ends, the channel of the next may be open and not in use. */
const lanes = 5;
const commandsOfLane = 30;

/** Of each connection: the server breaks off one now and then. */
const connections = 2;

describe.runIf(canMakeUsers)("a server that closes channels without a word", () => {
  let server: TestServer;
  let home = "";
  let number = 0;
  beforeAll(async () => {
    server = await startDropbear();
    home = server.loginUser?.home ?? "";
  });
  afterAll(() => server.stop());
  const linesOf = (name: string): readonly string[] =>
    existsSync(join(home, name)) ? readFileSync(join(home, name), "utf8").trim().split("\n") : [];

  async function runOn(connection: SshConnection, command: string, more: { input?: string; once?: boolean }) {
    let said = "";
    const end = await new Promise<ChannelEnd>((resolve, reject) => {
      const take = (bytes: Uint8Array): void => {
        said += Buffer.from(bytes).toString();
      };
      connection.exec(command, { onStdout: take, onStderr: take, onEnd: resolve }, more).then((channel) => {
        channel.write("fed\n");
        channel.eof();
      }, reject);
    });
    return end.kind === "exit" ? said : undefined;
  }

  /** Plays all lanes; what was answered, by the number of the command. */
  async function play(one: (connection: SshConnection, id: number) => Promise<string | undefined>) {
    const answers = new Map<number, string>();
    for (let round = 0; round < connections; round += 1) {
      const connection = await createSsh2Engine().connect(planFor(server));
      const lane = async (): Promise<void> => {
        for (let command = 0; command < commandsOfLane && !connection.closed; command += 1) {
          const id = (number += 1);
          try {
            const answer = await one(connection, id);
            if (answer !== undefined) answers.set(id, answer);
          } catch (error) {
            expect(asHoldfastError(error).code).toBe("connection_lost");
          }
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      await connection.close();
    }
    return answers;
  }

  it("runs a script that comes as input once, with all that it is fed", async () => {
    const command = `exec /bin/sh -c 'IFS= read -r s; eval "$s"'`;
    const answers = await play((connection, id) =>
      runOn(connection, command, { input: `IFS= read -r x; echo "${id} $x" >>"$HOME/scripts"; echo "did ${id}"\n` }),
    );
    const ran = linesOf("scripts");
    for (const [id, said] of answers) expect([id, said]).toEqual([id, `did ${id}\n`]);
    for (const id of answers.keys()) expect(ran.filter((line) => line.startsWith(`${id} `))).toEqual([`${id} fed`]);
    expect(new Set(ran).size).toBe(ran.length);
    expect(answers.size).toBeGreaterThan(0);
  });

  it("runs a command that must run once at most that often", async () => {
    const answers = await play((connection, id) =>
      runOn(connection, `echo ${id} >>"$HOME/once"; echo "did ${id}"`, { once: true }),
    );
    const ran = linesOf("once");
    for (const [id, said] of answers) expect([id, said]).toEqual([id, `did ${id}\n`]);
    expect(new Set(ran).size).toBe(ran.length);
    expect(answers.size).toBeGreaterThan(0);
  });
});

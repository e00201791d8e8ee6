import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { connectTo, eras, makePlace, type Connection, type Place } from "../mcp/connect.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startOpenSsh();
});
afterAll(() => server.stop());

interface Told {
  readonly atMs: number;
  readonly progress: number;
  readonly message: string;
}

async function told({ client }: Connection, args: Record<string, unknown>): Promise<readonly Told[]> {
  const all: Told[] = [];
  await client.callTool(
    { name: "ssh_run", arguments: { wait_s: 60, ...args } },
    {
      timeout: 120_000,
      onprogress: ({ progress, message }) => all.push({ atMs: monotonicMs(), progress, message: message ?? "" }),
    },
  );
  return all;
}

function expectCalm(all: readonly Told[]): void {
  for (const [index, one] of all.entries()) {
    const before = all[index - 1];
    if (before === undefined) continue;
    expect(one.progress).toBeGreaterThan(before.progress);
  }
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) throw new Error("nothing was told");
  // Messages may be late, but never more than one for each second.
  expect(all.length).toBeLessThanOrEqual((last.atMs - first.atMs) / 1_000 + 2);
}

/** The methods of all notifications that come from now on, whether the client knows what to do with them or not. */
function notificationsTo({ client }: Connection): readonly string[] {
  const { transport } = client;
  if (transport === undefined) throw new Error("the client is not connected");
  const seen: string[] = [];
  const deliver = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if ("method" in message && !("id" in message)) seen.push(message.method);
    deliver?.(message, extra);
  };
  return seen;
}

/** Closes what a client opened, and the client. */
async function leave(connection: Connection, place: Place): Promise<void> {
  await connection.call("ssh_close", { all: true });
  await connection.client.close();
  await place.remove();
}

describe.each(eras)("progress to a client of %s", (_revision, era) => {
  let place: Place;
  let connection: Connection;
  beforeAll(async () => {
    place = await makePlace(server.sshConfigFile);
    connection = await connectTo(place, era);
  });
  afterAll(() => leave(connection, place));

  it("tells the last line, at most once a second, with numbers that grow", async () => {
    const all = await told(connection, {
      on: "box",
      command: "for i in $(seq 40); do echo line $i; echo; sleep 0.1; done",
    });
    expectCalm(all);
    expect(all.length).toBeGreaterThanOrEqual(2);
    for (const { message } of all) expect(message).toMatch(/^line \d+$/);
  });

  it("tells of several targets in turn, together at most once a second", async () => {
    for (const name of ["one", "two"]) await connection.call("ssh_open", { target: "box", name });
    const command = "for i in $(seq 40); do echo line $i; sleep 0.1; done";
    const all = await told(connection, { on: ["one", "two"], command });
    expectCalm(all);
    const names = new Set(all.map(({ message }) => message.split(":")[0]));
    expect(names).toEqual(new Set(["one", "two"]));
  });

  it("is silent to a call that did not ask", async () => {
    const seen = notificationsTo(connection);
    const command = "for i in 1 2; do echo $i; sleep 1.2; done";
    const reply = await connection.call("ssh_run", { on: "box", command });
    expect(reply.text).toMatch(/^exit 0/);
    expect(seen).toEqual([]);
    // What is sent to one that asks is seen in the same way.
    await told(connection, { on: "box", command });
    expect(seen).toContain("notifications/progress");
  });
});

it.concurrent.for(eras)("a client of %s gets a sign of life every ten seconds of silence", async ([, era]) => {
  const place = await makePlace(server.sshConfigFile);
  const connection = await connectTo(place, era);
  try {
    const all = await told(connection, { on: "box", command: "sleep 24" });
    expectCalm(all);
    expect(all.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^running · 1\d s$/),
      expect.stringMatching(/^running · 2\d s$/),
    ]);
  } finally {
    await leave(connection, place);
  }
});

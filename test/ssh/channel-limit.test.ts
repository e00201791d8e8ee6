import { afterAll, describe, expect, it } from "vitest";
import { createSsh2Engine, type SshChannel, type SshConnection } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** More than the usual eight. */
const channelLimit = 20;

async function serverWith(maxSessions: number, more: { readonly sftp?: boolean } = {}): Promise<TestServer> {
  const server = await startOpenSsh({ ...more, config: [`MaxSessions ${maxSessions}`] });
  cleanup.add(() => server.stop());
  return server;
}

async function connectTo(server: TestServer): Promise<SshConnection> {
  const connection = await createSsh2Engine({ channelLimit }).connect(planFor(server));
  cleanup.add(() => connection.close());
  return connection;
}

function cat(connection: SshConnection): Promise<SshChannel> {
  return connection.exec("cat", { onStdout: () => undefined, onStderr: () => undefined, onEnd: () => undefined });
}

describe("a limit of channels that somebody has set", { timeout: 60_000 }, () => {
  it("is used where the server allows it", async () => {
    const connection = await connectTo(await serverWith(40));
    await Promise.all(Array.from({ length: channelLimit - 1 }, () => cat(connection)));
    expect(connection).toMatchObject({ channelLimit, freeChannels: 1 });
  });

  it("shrinks to what the server allows", async () => {
    const connection = await connectTo(await serverWith(3));
    await Promise.all(Array.from({ length: 3 }, () => cat(connection)));
    await expect(cat(connection)).rejects.toMatchObject({ code: "limit_reached" });
    expect(connection).toMatchObject({ channelLimit: 3, freeChannels: 0 });
  });

  it("is not used up by file transfers that the server refuses", async () => {
    const server = await serverWith(3, { sftp: false });
    for (let round = 0; round < 20; round += 1) {
      const connection = await connectTo(server);
      await expect(connection.sftp()).rejects.toMatchObject({ code: "unsupported" });
      // At once: the server may still be closing what it has refused.
      await Promise.all(Array.from({ length: 3 }, () => cat(connection)));
      await connection.close();
    }
  });
});

import { afterAll, describe, expect, it } from "vitest";
import { createSsh2Engine, type SshChannel, type SshConnection } from "../../src/ssh/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { planFor } from "./plan.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** More than the usual eight. */
const channelLimit = 20;

async function connectTo(maxSessions: number, more: { readonly sftp?: boolean } = {}): Promise<SshConnection> {
  const server = await startOpenSsh({ ...more, config: [`MaxSessions ${maxSessions}`] });
  cleanup.add(() => server.stop());
  const connection = await createSsh2Engine({ channelLimit }).connect(planFor(server));
  cleanup.add(() => connection.close());
  return connection;
}

function cat(connection: SshConnection): Promise<SshChannel> {
  return connection.exec("cat", { onStdout: () => undefined, onStderr: () => undefined, onEnd: () => undefined });
}

describe("a limit of channels that somebody has set", { timeout: 60_000 }, () => {
  it("is used where the server allows it", async () => {
    const connection = await connectTo(40);
    await Promise.all(Array.from({ length: channelLimit - 1 }, () => cat(connection)));
    expect(connection).toMatchObject({ channelLimit, freeChannels: 1 });
  });

  it("shrinks to what the server allows", async () => {
    const connection = await connectTo(3);
    await Promise.all(Array.from({ length: 3 }, () => cat(connection)));
    await expect(cat(connection)).rejects.toMatchObject({ code: "limit_reached" });
    expect(connection).toMatchObject({ channelLimit: 3, freeChannels: 0 });
  });

  it("is not used up by file transfers that the server refuses", async () => {
    const connection = await connectTo(3, { sftp: false });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(connection.sftp()).rejects.toMatchObject({ code: "unsupported" });
    }
    await Promise.all(Array.from({ length: 3 }, () => cat(connection)));
  });
});

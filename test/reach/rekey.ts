import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import type { Agent } from "./agent.ts";

const megabyte = 1_000_000;

/** Bytes that never repeat within what is sent: a block of chance, and where it stands. */
function* bytesToSend(megabytes: number): Generator<Buffer> {
  const block = randomBytes(megabyte);
  for (let number = 0; number < megabytes; number += 1) {
    block.writeUInt32BE(number, 0);
    yield Buffer.from(block);
  }
}

/** Sends that much from beside the host through a tunnel; the text says whether it came as it left. */
export async function transferThrough(agent: Agent, on: string, megabytes: number): Promise<string> {
  const sent = createHash("sha256");
  const source = createServer((socket) => {
    socket.on("error", () => undefined);
    void (async () => {
      for (const piece of bytesToSend(megabytes)) {
        sent.update(piece);
        if (!socket.write(piece)) await once(socket, "drain");
      }
      socket.end();
    })().catch(() => socket.destroy());
  });
  source.listen(0, "127.0.0.1");
  await once(source, "listening");
  try {
    const opened = await agent.call("ssh_tunnel", { action: "open", on, to: `127.0.0.1:${portOf(source.address())}` });
    const tunnel = /local 127\.0\.0\.1:(\d+) /.exec(opened)?.[1];
    if (tunnel === undefined) return opened;
    const received = createHash("sha256");
    let count = 0;
    const socket = connect(Number(tunnel), "127.0.0.1");
    for await (const piece of socket) {
      if (!Buffer.isBuffer(piece)) continue;
      count += piece.length;
      received.update(piece);
    }
    const exact = count === megabytes * megabyte && received.digest("hex") === sent.digest("hex");
    return `${exact ? "exact" : "damaged"} · ${count} bytes`;
  } finally {
    source.close();
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

import { connect, createServer, type Socket } from "node:net";

/** A forwarder to a server on 127.0.0.1 that reads along what a client sends before encryption begins. */
export interface PacketLog {
  readonly port: number;
  /** Types of the packets that clients have sent (RFC 4250 §4.1.2), in order. Behind NEWKEYS (21) nothing can be read any more. */
  readonly sent: readonly number[];
  /** Bytes that came after the last packet that could be read. */
  readonly unreadBytes: number;
  /** Client connections that are open now. */
  readonly open: number;
  stop(): Promise<void>;
}

export const packet = { disconnect: 1, kexInit: 20, newKeys: 21, exchangeInit: 30 } as const;

interface Reader {
  read(bytes: Buffer): void;
  readonly unreadBytes: number;
}

/** Splits the clear part of a stream, of a client's or of a server's, into packets (RFC 4253 §4.2, §6). */
export function packetReader(tell: (type: number) => void): Reader {
  let waiting = Buffer.alloc(0);
  let greeted = false;
  let encrypted = false;
  const next = (): boolean => {
    if (!greeted) {
      const end = waiting.indexOf("\n");
      if (end === -1) return false;
      greeted = true;
      waiting = waiting.subarray(end + 1);
      return true;
    }
    if (encrypted || waiting.length < 6 || waiting.length < 4 + waiting.readUInt32BE(0)) return false;
    const type = waiting.readUInt8(5);
    tell(type);
    encrypted = type === packet.newKeys;
    waiting = waiting.subarray(4 + waiting.readUInt32BE(0));
    return true;
  };
  return {
    read: (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (next());
    },
    get unreadBytes() {
      return waiting.length;
    },
  };
}

/** Starts a forwarder to `targetPort` that logs the packets of its clients. */
export async function startPacketLog(targetPort: number): Promise<PacketLog> {
  const sent: number[] = [];
  const readers: Reader[] = [];
  const sockets = new Set<Socket>();
  let open = 0;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const reader = packetReader((type) => sent.push(type));
    readers.push(reader);
    open += 1;
    near.on("close", () => {
      open -= 1;
    });
    near.on("data", (bytes) => reader.read(bytes));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
  return {
    port,
    sent,
    get unreadBytes() {
      return readers.reduce((sum, reader) => sum + reader.unreadBytes, 0);
    },
    get open() {
      return open;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

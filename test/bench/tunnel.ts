import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import type { Holdfast } from "../helpers/holdfast.ts";
import { freePort } from "../helpers/servers/index.ts";
import type { Contender } from "./contenders.ts";
import { openSession, placeFor, startHost, startServer, type Way } from "./scene.ts";
import type { Section } from "./section.ts";
import { printTable } from "./table.ts";
import { timeInterleaved, type Timing } from "./timing.ts";

const mebibyte = 1024 ** 2;
const megabyte = 1_000_000;
const pieceBytes = mebibyte;
const streamBytes = 256 * mebibyte;

/** Promised: this share of the throughput of `ssh -L`. */
const promisedShare = 0.8;

const rounds = 7;
const warmUpRounds = 1;
const startLimitMs = 30_000;

/** A program beside the host's sshd, and a client of it that moves the bytes through the tunnel that leads there. */
interface Direction {
  readonly name: string;
  readonly serve: (socket: Socket) => void;
  readonly move: (socket: Socket) => Promise<number>;
}

const down: Direction = {
  name: "down",
  serve: send,
  move: async (socket) => {
    const received = count(socket);
    await once(socket, "end");
    socket.end();
    return received();
  },
};

const up: Direction = {
  name: "up",
  serve: (socket) => {
    const received = count(socket);
    // All is there when the host's side says so.
    socket.on("end", () => socket.end(String(received())));
  },
  move: async (socket) => {
    send(socket);
    const [told] = await once(socket, "data");
    return Number(String(told));
  },
};

/** 256 MiB from a server beside the host's sshd, and to it, through a tunnel and through `ssh -L`. */
export const tunnel: Section = async (cleanup) => {
  const host = await startHost(cleanup);
  const server = await startServer(cleanup, await placeFor(cleanup, host), false);
  await openSession(server, host, "tunnel");
  const holds: boolean[] = [];
  for (const direction of [down, up]) holds.push(await race(cleanup, direction, { host, server }));
  return !holds.includes(false);
};

async function race(
  cleanup: Cleanup,
  direction: Direction,
  { host, server }: { readonly host: Way; readonly server: Holdfast },
): Promise<boolean> {
  const farPort = await startFar(cleanup, direction);
  const contenders = [
    through("ssh -L", direction, await openTheirs(cleanup, host, { farPort })),
    through("ssh_tunnel local", direction, await openOurs(server, farPort)),
    through(
      "ssh -L with our cipher",
      direction,
      await openTheirs(cleanup, host, { farPort, cipher: "aes128-gcm@openssh.com" }),
    ),
  ];
  const [sshTiming, ourTiming, alikeTiming] = await timeInterleaved(contenders, rounds, warmUpRounds);
  if (sshTiming === undefined || ourTiming === undefined || alikeTiming === undefined) {
    throw new Error("nothing was measured");
  }
  const share = sshTiming.medianMs / ourTiming.medianMs;
  return printTable(
    `tunnel: ${streamBytes / mebibyte} MiB ${direction.name} through one connection, ${rounds} rounds, interleaved`,
    ["median s", "slowest s", "MB/s", "ratio"],
    [
      { name: "ssh -L", figures: [...speed(sshTiming), "1.00"] },
      {
        name: "ssh_tunnel local",
        figures: [...speed(ourTiming), share.toFixed(2)],
        goal: { text: `≥ ${promisedShare} × ssh -L`, holds: share >= promisedShare },
      },
      {
        name: alikeTiming.name,
        figures: [...speed(alikeTiming), (sshTiming.medianMs / alikeTiming.medianMs).toFixed(2)],
      },
    ],
  );
}

/** Sends the bytes, then ends its direction. */
function send(socket: Socket): void {
  const piece = Buffer.alloc(pieceBytes, "x");
  let left = streamBytes / pieceBytes;
  const more = (): void => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(piece)) return;
    }
    socket.off("drain", more);
    socket.end();
  };
  socket.on("drain", more);
  more();
}

/** Takes all that comes; gives what tells how many bytes that were. */
function count(socket: Socket): () => number {
  let received = 0;
  socket.on("data", (bytes: Buffer) => {
    received += bytes.length;
  });
  return () => received;
}

async function startFar(cleanup: Cleanup, { serve }: Direction): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(() => {
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function openOurs(server: Holdfast, farPort: number): Promise<number> {
  const { text } = await server.call("ssh_tunnel", { action: "open", on: "tunnel", to: `127.0.0.1:${farPort}` });
  const port = /local 127\.0\.0\.1:(\d+) /.exec(text)?.[1];
  if (port === undefined) throw new Error(`unexpected reply: ${text}`);
  return Number(port);
}

async function openTheirs(
  cleanup: Cleanup,
  way: Way,
  { farPort, cipher }: { readonly farPort: number; readonly cipher?: string },
): Promise<number> {
  const port = await freePort();
  const forward = `127.0.0.1:${port}:127.0.0.1:${farPort}`;
  const ciphers = cipher === undefined ? [] : ["-c", cipher];
  const args = ["-n", "-N", "-F", way.sshConfigFile, ...ciphers, "-L", forward, way.alias];
  const child = spawn("ssh", args, { stdio: "ignore" });
  cleanup.add(() => {
    child.kill("SIGKILL");
  });
  await eventually("ssh -L listens", startLimitMs, () => listens(port));
  return port;
}

function listens(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function through(name: string, { move }: Direction, port: number): Contender {
  return {
    name,
    once: async () => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const moved = await move(socket);
      socket.destroy();
      if (moved !== streamBytes) throw new Error(`${moved} bytes came through ${name}`);
    },
  };
}

function speed({ medianMs, p95Ms }: Timing): readonly string[] {
  return [
    (medianMs / 1000).toFixed(2),
    (p95Ms / 1000).toFixed(2),
    (streamBytes / megabyte / (medianMs / 1000)).toFixed(0),
  ];
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import type { Cleanup } from "../helpers/cleanup.ts";
import { eventually } from "../helpers/eventually.ts";
import { freePort } from "../helpers/servers/index.ts";
import type { Contender } from "./contenders.ts";
import { openSession, placeFor, startHost, startServer, type Way } from "./scene.ts";
import type { Section } from "./section.ts";
import { printTable } from "./table.ts";
import { timeInterleaved, type Timing } from "./timing.ts";

const mebibyte = 1024 ** 2;
const megabyte = 1_000_000;
const downBytes = 256 * mebibyte;

/** Promised: this share of the throughput of `ssh -L`. */
const promisedShare = 0.8;

const rounds = 7;
const warmUpRounds = 1;
const startLimitMs = 30_000;

/** 256 MiB from a server beside the host's sshd through a tunnel and through `ssh -L`. */
export const tunnel: Section = async (cleanup) => {
  const host = await startHost(cleanup);
  const sourcePort = await startSource(cleanup);
  const ours = await openOurs(cleanup, host, sourcePort);
  const theirs = await openTheirs(cleanup, host, { sourcePort });
  const alike = await openTheirs(cleanup, host, { sourcePort, cipher: "aes128-gcm@openssh.com" });
  const contenders = [
    download("ssh -L", theirs),
    download("ssh_tunnel local", ours),
    download("ssh -L with our cipher", alike),
  ];
  const [sshTiming, ourTiming, alikeTiming] = await timeInterleaved(contenders, rounds, warmUpRounds);
  if (sshTiming === undefined || ourTiming === undefined || alikeTiming === undefined) {
    throw new Error("nothing was measured");
  }
  const share = sshTiming.medianMs / ourTiming.medianMs;
  return printTable(
    `tunnel: ${downBytes / mebibyte} MiB through one connection, ${rounds} rounds, interleaved`,
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
};

/** A server that sends the bytes to whoever connects. */
async function startSource(cleanup: Cleanup): Promise<number> {
  const piece = Buffer.alloc(mebibyte, "x");
  const server = createServer((socket) => {
    let left = downBytes / piece.length;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(piece)) return;
      }
      socket.end();
    };
    socket.on("error", () => undefined);
    socket.on("drain", more);
    more();
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

async function openOurs(cleanup: Cleanup, way: Way, sourcePort: number): Promise<number> {
  const server = await startServer(cleanup, await placeFor(cleanup, way), false);
  await openSession(server, way, "tunnel");
  const { text } = await server.call("ssh_tunnel", { action: "open", on: "tunnel", to: `127.0.0.1:${sourcePort}` });
  const port = /local 127\.0\.0\.1:(\d+) /.exec(text)?.[1];
  if (port === undefined) throw new Error(`unexpected reply: ${text}`);
  return Number(port);
}

async function openTheirs(
  cleanup: Cleanup,
  way: Way,
  { sourcePort, cipher }: { readonly sourcePort: number; readonly cipher?: string },
): Promise<number> {
  const port = await freePort();
  const forward = `127.0.0.1:${port}:127.0.0.1:${sourcePort}`;
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

function download(name: string, port: number): Contender {
  return {
    name,
    once: async () => {
      const socket = connect(port, "127.0.0.1");
      let received = 0;
      socket.on("data", (bytes: Buffer) => {
        received += bytes.length;
      });
      await once(socket, "close");
      if (received !== downBytes) throw new Error(`${received} bytes came through ${name}`);
    },
  };
}

function speed({ medianMs, p95Ms }: Timing): readonly string[] {
  return [
    (medianMs / 1000).toFixed(2),
    (p95Ms / 1000).toFixed(2),
    (downBytes / megabyte / (medianMs / 1000)).toFixed(0),
  ];
}

// Runs before each suite of an audit: keeps every byte that clients in it read from built servers.
import { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "vitest";
import { veilAudit } from "../helpers/veil-audit.ts";

/** Commands for people, who may see everything. */
const forPeople = new Set(["answer", "attach", "close", "doctor", "ls", "stop", "trust", "daemon"]);

/** Ports at which a built server has said to listen. */
const ports = new Set<number>();
let streams = 0;

/** What a recorder keeps of one stream goes to a file of its own, so that chunks join. */
function openRecord(kind: string): (chunk: unknown) => void {
  streams += 1;
  const suite = basename(expect.getState().testPath ?? "unknown", ".test.ts");
  const file = join(veilAudit?.directory ?? "", `${suite}.${process.pid}-${streams}.${kind}`);
  return (chunk) => {
    if (!Buffer.isBuffer(chunk)) return;
    appendFileSync(file, chunk);
    const port = /listens on http:\/\/\S*:(?<port>\d+)/.exec(chunk.toString("latin1"))?.groups?.["port"];
    if (port !== undefined) ports.add(Number(port));
  };
}

/** Whether a process is a server, and not a command for people. */
function servesClients(options: object): boolean {
  const args: unknown = Reflect.get(options, "args");
  const words = Array.isArray(args) ? args.map(String) : [];
  const program = words.findIndex((word) => word.endsWith("holdfast.cjs"));
  return program >= 0 && !words.slice(program + 1).some((word) => forPeople.has(word));
}

function wrap(holder: object, name: string, around: (self: unknown, args: readonly unknown[]) => void): void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== "function") throw new Error(`there is no ${name} to listen to`);
  Reflect.set(holder, name, function listenedTo(this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, args);
    around(this, args);
    return result;
  });
}

wrap(ChildProcess.prototype, "spawn", (child, [options]) => {
  if (!(child instanceof ChildProcess) || typeof options !== "object" || options === null) return;
  if (!servesClients(options)) return;
  for (const kind of ["stdout", "stderr"] as const) {
    const stream = child[kind];
    if (!(stream instanceof Readable)) continue;
    const keep = openRecord(kind);
    wrap(stream, "push", (_self, [chunk]) => keep(chunk));
  }
});

const overHttp = new WeakMap<Socket, (chunk: unknown) => void>();
wrap(Socket.prototype, "push", (socket, [chunk]) => {
  if (!(socket instanceof Socket) || socket.remotePort === undefined || !ports.has(socket.remotePort)) return;
  const keep = overHttp.get(socket) ?? openRecord("http");
  overHttp.set(socket, keep);
  keep(chunk);
});

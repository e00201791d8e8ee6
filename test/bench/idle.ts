import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import type { TestServer } from "../helpers/servers/index.ts";
import { footprintOf } from "./footprint.ts";
import { hostDirectory, openSession, placeFor, startHost, startServer } from "./scene.ts";
import type { Section } from "./section.ts";
import { installMemoryProbe, type MemoryFacts, type MemoryProbe } from "./memory-probe.ts";
import { residentBytes } from "./server-memory.ts";
import { printTable, type Row } from "./table.ts";

const kibibyte = 1024;
const mebibyte = 1024 ** 2;

/** Promised of each idle session. */
const promisedBytes = 150 * kibibyte;

/** Sessions that are open before the count begins: what the first ones load and compile is the server's, not theirs. */
const firstSessions = 7;

/** Opened at once; each makes about nine processes on the host. */
const openAtOnce = 4;

/** After the last session was opened or detached, until everything that it set off on the host is over. */
const settleMs = 3000;

/** After the last session was opened, until the server has become idle itself: V8 frees most of its garbage when nothing much has happened for some 8 s. */
const idleMs = 20_000;

/** Longer than opening them all takes: after half of it, unused sessions let go of their connections, and cost less. */
const inactivityS = 86_400;

/** Channels per connection with which a connection carries 50 sessions: one stays free. */
const manyChannels = 51;

/** Idle sessions of one server: what they take of its memory, and of their host. */
export const idle: Section = async (cleanup, { sessions }) => {
  const host = await startHost(cleanup, ["MaxSessions 64", "MaxStartups 100"]);
  const env = { HOLDFAST_HOST_DIRECTORY: hostDirectory(host), SSH_INACTIVITY_TIMEOUT: String(inactivityS) };
  await measureOne(cleanup, host, env);
  const usual = await measureMany({ host, sessions, env });
  const many = { ...env, HOLDFAST_CHANNELS_PER_CONNECTION: String(manyChannels) };
  return (await measureMany({ host, sessions, env: many })) && usual;
};

interface IdleFacts extends MemoryFacts {
  /** Resident memory before the server has been idle. */
  readonly soonBytes: number;
}

interface Crowd {
  readonly host: TestServer;
  readonly sessions: number;
  readonly env: Record<string, string>;
}

/** One server's sessions; they are closed before it resolves. */
async function measureMany({ host, sessions, env }: Crowd): Promise<boolean> {
  const cleanup = new Cleanup();
  try {
    const probe = installMemoryProbe(host.directory);
    const place = await placeFor(cleanup, host, { ...env, ...probe.env });
    return await compareMany(await startServer(cleanup, place, false), { host, sessions, probe });
  } finally {
    await cleanup.run();
  }
}

async function compareMany(
  server: Holdfast,
  { host, sessions, probe }: Omit<Crowd, "env"> & { readonly probe: MemoryProbe },
): Promise<boolean> {
  const few = Math.min(firstSessions, sessions - 1);
  const pid = server.pid ?? 0;
  const look = async (): Promise<IdleFacts> => {
    await delay(settleMs);
    const soonBytes = residentBytes(pid, "now");
    await delay(idleMs);
    return { soonBytes, ...(await probe.look(pid)) };
  };
  await openMany(server, host, 0, few);
  const before = await look();
  await openMany(server, host, few, sessions);
  const after = await look();
  const row = (name: string, fact: keyof IdleFacts): Row => {
    const [from, to] = [before[fact], after[fact]];
    const eachBytes = (to - from) / (sessions - few);
    const figures = [(from / mebibyte).toFixed(1), (to / mebibyte).toFixed(1), (eachBytes / kibibyte).toFixed(0)];
    const goal = { text: `≤ ${promisedBytes / kibibyte} KiB each`, holds: eachBytes <= promisedBytes };
    return { name, figures, ...(fact === "residentBytes" ? { goal } : {}) };
  };
  return printTable(
    `idle: ${sessions} sessions over ${host.connections().length} connections of one server`,
    [`${few}, MiB`, `${sessions}, MiB`, "each KiB"],
    [
      row(`resident memory of the server, ${settleMs / 1000} s after the last was opened`, "soonBytes"),
      row(`${idleMs / 1000} s later`, "residentBytes"),
      row("  of it the heap of JavaScript", "heapBytes"),
      row("  of it objects and buffers in use", "usedBytes"),
    ],
  );
}

/** Opens the sessions from number `from` up to, not including, `to`. */
async function openMany(server: Holdfast, host: TestServer, from: number, to: number): Promise<void> {
  let next = from;
  const openSome = async (): Promise<void> => {
    while (next < to) {
      next += 1;
      await openSession(server, host, `idle${next}`);
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, openSome));
}

/** What one session takes of its host, while a server is attached to it and when none is. */
async function measureOne(cleanup: Cleanup, host: TestServer, env: Record<string, string>): Promise<void> {
  const { loginUser } = host;
  if (loginUser === undefined) return;
  const place = await placeFor(cleanup, host, env);
  const server = await Holdfast.start(place);
  await openSession(server, host, "one");
  const look = async (name: string): Promise<Row> => {
    await delay(settleMs);
    const { processes, files, bytes } = footprintOf(loginUser.uid, hostDirectory(host));
    return { name, figures: [String(processes), String(files), (bytes / mebibyte).toFixed(1)] };
  };
  const attached = await look("a server is attached");
  await server.stop();
  const detached = await look("no server is attached");
  const closer = await Holdfast.start(place);
  await closer.closeSession("one");
  await closer.stop();
  const closed = await look("after ssh_close");
  printTable("idle: one session on its host", ["processes", "files", "MiB"], [attached, detached, closed]);
}

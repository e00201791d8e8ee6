import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { delay, randomHex, wallMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh, startTcpProxy, type TestServer } from "../helpers/servers/index.ts";
import { endedAtMs, numberedLines, wholeOutput, wrongLines } from "./numbered-lines.ts";
import { startSeveringProxy } from "./severing-proxy.ts";

/** What happens to the call while the command runs. */
export type Fault =
  | "connection killed"
  | "black hole that heals"
  | "black hole for good, new connections work"
  | "server killed";

export const faults: readonly Fault[] = [
  "connection killed",
  "black hole that heals",
  "black hole for good, new connections work",
  "server killed",
];

/** The promise: the end is known this soon after the command ended. */
const knownWithinMs = 5_000;

interface Stage {
  readonly server: TestServer;
  readonly place: PrivatePlace;
  readonly cleanup: Cleanup;
  /** The fault cannot be survived on the connection that there is. */
  readonly breaks: boolean;
  /** Does what the fault says to the network or the server process, and resolves with the process to ask from then on. */
  strike(holdfast: Holdfast): Promise<Holdfast>;
}

/** Plays one round: a command that prints for 20 s, the fault `afterMs` after its start, and the whole outcome. Tells what is wrong, or undefined. */
export async function playRound(fault: Fault, afterMs: number): Promise<string | undefined> {
  const stage = await setUp(fault);
  try {
    return await strikeAndCompare(stage, afterMs);
  } finally {
    await stage.cleanup.run();
  }
}

async function strikeAndCompare(stage: Stage, afterMs: number): Promise<string | undefined> {
  const holdfast = await startServer(stage);
  const started = await holdfast.run(stage.server.alias, numberedLines, { wait_s: 1 });
  const command = started.id;
  if (started.state !== "running" || command === undefined) return `the first reply is ${started.firstLine}`;
  // A call waits for the end when the fault comes; where the server dies, it dies with it.
  const waiting = read(holdfast, command);
  await delay(afterMs);
  const after = await stage.strike(holdfast);
  const reply = after === holdfast ? await waiting : await read(after, command);
  if (reply instanceof Error) return `${reply.message}; the server says ${after.diagnostics.slice(-500)}`;
  return wrongEnd(stage, reply, wallMs()) ?? wrongNext(await after.run(stage.server.alias, "echo next"));
}

function wrongEnd(stage: Stage, reply: Reply, knownAtMs: number): string | undefined {
  const logins = stage.server.log().match(/Accepted publickey/g)?.length ?? 0;
  if (stage.breaks && logins < 2) return "the fault did not break the connection";
  const wrong = wrongLines(reply);
  if (wrong !== undefined) return wrong;
  const lateMs = knownAtMs - (endedAtMs(reply) ?? 0);
  return lateMs > knownWithinMs ? `known ${lateMs.toFixed()} ms after the end` : undefined;
}

function wrongNext(reply: Reply): string | undefined {
  return reply.state === "exit 0" && reply.stdout === "next\n" ? undefined : `the next command gave ${reply.text}`;
}

async function read(holdfast: Holdfast, command: string): Promise<Reply | Error> {
  try {
    return await holdfast.call("ssh_read", { command, from: 0, wait_s: 60, max_output: wholeOutput });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function startServer(stage: Stage): Promise<Holdfast> {
  const holdfast = await Holdfast.start(stage.place);
  stage.cleanup.add(() => holdfast.stop());
  return holdfast;
}

async function setUp(fault: Fault): Promise<Stage> {
  const cleanup = new Cleanup();
  try {
    // A name of its own: rounds run at once, and all log in as the same user.
    const server = await startOpenSsh({ alias: `box${randomHex(4)}` });
    cleanup.add(() => server.stop());
    const prepared = await prepare(fault, server, cleanup);
    const place = await createPrivatePlace(await configFor(server, prepared.port));
    cleanup.add(() => place.remove());
    cleanup.add(() => closeSession(place, server.alias));
    const stage: Stage = {
      server,
      place,
      cleanup,
      breaks: fault !== "black hole that heals",
      strike: async (holdfast) => (await prepared.strike(holdfast)) ?? (await startServer(stage)),
    };
    return stage;
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** A strike that leaves the server process alone. */
function during(action: () => void): (holdfast: Holdfast) => Promise<Holdfast> {
  return (holdfast) => {
    action();
    return Promise.resolve(holdfast);
  };
}

/** `undefined` from `strike`: a new server process has to be started. */
interface Prepared {
  readonly port: number;
  strike(holdfast: Holdfast): Promise<Holdfast | undefined>;
}

async function prepare(fault: Fault, server: TestServer, cleanup: Cleanup): Promise<Prepared> {
  if (fault === "black hole that heals") {
    const proxy = await startTcpProxy(server.port);
    cleanup.add(() => proxy.stop());
    return {
      port: proxy.port,
      strike: async (holdfast) => {
        proxy.blackhole();
        await delay(3_000);
        proxy.heal();
        return holdfast;
      },
    };
  }
  if (fault === "black hole for good, new connections work") {
    const proxy = await startSeveringProxy(server.port);
    cleanup.add(() => proxy.stop());
    return { port: proxy.port, strike: during(proxy.sever) };
  }
  if (fault === "connection killed") {
    return {
      port: server.port,
      strike: during(() => {
        server.killConnections();
      }),
    };
  }
  return {
    port: server.port,
    strike: async (holdfast) => {
      await holdfast.kill();
      return undefined;
    },
  };
}

/** The server's ssh_config with the proxy's port; the host key keeps its name. */
async function configFor(server: TestServer, port: number): Promise<string> {
  const text = await readFile(server.sshConfigFile, "utf8");
  const file = join(server.directory, "ssh_config_through_proxy");
  await writeFile(
    file,
    `${text.replace(/Port \d+/, `Port ${String(port)}`)}  HostKeyAlias [127.0.0.1]:${String(server.port)}\n`,
    { mode: 0o600 },
  );
  return file;
}

async function closeSession(place: PrivatePlace, session: string): Promise<void> {
  const holdfast = await Holdfast.start(place);
  try {
    await holdfast.closeSession(session);
  } finally {
    await holdfast.stop();
  }
}

import { delay } from "../../src/base/index.ts";
import type { TcpProxy, TestServer } from "../helpers/servers/index.ts";
import type { SeveringProxy } from "../survival/severing-proxy.ts";
import type { Random } from "./random.ts";

/** What can be done to one lane while its commands run. */
export interface FaultScene {
  readonly server: TestServer;
  /** The lane's way to the server. */
  readonly proxy: TcpProxy;
  readonly severing: SeveringProxy;
  /** The process that the client talks to; undefined when it is just gone. */
  serverPid(): number | undefined;
  /** Kills the lane's server process and starts another one. */
  restartServer(): Promise<void>;
  /** Only where there may be a daemon; `pid` is undefined when there is none just now. */
  readonly daemon: { pid(): Promise<number | undefined>; stop(): Promise<void> } | undefined;
}

export interface Fault {
  readonly name: string;
  strike(scene: FaultScene, random: Random): Promise<void>;
}

const nothing: Fault = { name: "nothing", strike: () => Promise.resolve() };

const reset: Fault = {
  name: "connection reset",
  strike: (scene) => {
    scene.proxy.killAll();
    return Promise.resolve();
  },
};

const sshdKilled: Fault = {
  name: "sshd's process killed",
  strike: (scene, random) => {
    signal(drawConnection(scene, random), "SIGKILL");
    return Promise.resolve();
  },
};

const sshdFrozen: Fault = {
  name: "sshd's process frozen",
  strike: async (scene, random) => freeze(drawConnection(scene, random), random.between(500, 5000)),
};

const blackHole: Fault = {
  name: "black hole that heals",
  strike: async (scene, random) => {
    scene.proxy.blackhole();
    await delay(random.between(1000, 20_000) / random.pick([1, 4, 8]));
    scene.proxy.heal();
  },
};

const severed: Fault = {
  name: "black hole for good, new connections work",
  strike: (scene) => {
    scene.severing.sever();
    return Promise.resolve();
  },
};

const serverKilled: Fault = { name: "server killed", strike: (scene) => scene.restartServer() };

const serverFrozen: Fault = {
  name: "server frozen",
  strike: async (scene, random) => freeze(scene.serverPid(), random.between(500, 6000)),
};

const daemonKilled: Fault = {
  name: "daemon killed",
  strike: async (scene) => {
    signal(await scene.daemon?.pid(), "SIGKILL");
  },
};

const daemonRestarted: Fault = { name: "daemon stopped", strike: async (scene) => scene.daemon?.stop() };

/** Now and then for longer than its clients wait for it (15 s): then another one has taken its place when it goes on. */
const daemonFrozen: Fault = {
  name: "daemon frozen",
  strike: async (scene, random) =>
    freeze(await scene.daemon?.pid(), random.between(500, 20_000) / random.pick([1, 4, 8])),
};

function drawConnection(scene: FaultScene, random: Random): number | undefined {
  const [first, ...others] = scene.server.connections();
  return first === undefined ? undefined : random.pick([first, ...others]);
}

async function freeze(pid: number | undefined, forMs: number): Promise<void> {
  signal(pid, "SIGSTOP");
  await delay(forMs);
  signal(pid, "SIGCONT");
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already: its connection was given up meanwhile.
  }
}

/** Draws a fault with `part` in its name; with a daemon, those that hit it as often as those that hit the server in front. */
export function drawFault(random: Random, withDaemon: boolean, part = ""): Fault {
  const common: readonly [Fault, ...Fault[]] = [
    nothing,
    reset,
    reset,
    sshdKilled,
    sshdFrozen,
    blackHole,
    severed,
    serverKilled,
    serverFrozen,
  ];
  const fault = random.pick(
    withDaemon ? [nothing, ...common, daemonKilled, daemonKilled, daemonRestarted, daemonFrozen] : common,
  );
  return fault.name.includes(part) ? fault : drawFault(random, withDaemon, part);
}

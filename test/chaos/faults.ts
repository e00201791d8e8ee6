import { delay } from "../../src/base/index.ts";
import type { TcpProxy, TestServer } from "../helpers/servers/index.ts";
import type { SeveringProxy } from "../survival/severing-proxy.ts";
import type { Random } from "./random.ts";

/** What can be done to one lane while its command runs. */
export interface FaultScene {
  readonly server: TestServer;
  /** The lane's way to the server. */
  readonly proxy: TcpProxy;
  readonly severing: SeveringProxy;
  /** Kills the lane's server process and starts another one. */
  restartServer(): Promise<void>;
  /** Kills the daemon; only where there is one. */
  readonly killDaemon: (() => Promise<void>) | undefined;
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
    const pid = drawConnection(scene, random);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    return Promise.resolve();
  },
};

const frozen: Fault = {
  name: "sshd's process frozen",
  strike: async (scene, random) => {
    const pid = drawConnection(scene, random);
    if (pid === undefined) return;
    process.kill(pid, "SIGSTOP");
    await delay(random.between(500, 5000));
    try {
      process.kill(pid, "SIGCONT");
    } catch {
      // It is gone already: its connection was given up meanwhile.
    }
  },
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

const daemonKilled: Fault = { name: "daemon killed", strike: async (scene) => scene.killDaemon?.() };

function drawConnection(scene: FaultScene, random: Random): number | undefined {
  const [first, ...others] = scene.server.connections();
  return first === undefined ? undefined : random.pick([first, ...others]);
}

/** Draws a fault; with a daemon, one that kills it as often as one that kills the server in front. */
export function drawFault(random: Random, withDaemon: boolean): Fault {
  const network: readonly [Fault, ...Fault[]] = [
    nothing,
    reset,
    reset,
    sshdKilled,
    frozen,
    blackHole,
    severed,
    serverKilled,
  ];
  return random.pick(withDaemon ? [nothing, ...network, daemonKilled, daemonKilled] : network);
}

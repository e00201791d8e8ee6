import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { delay } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonFacts, stopDaemon } from "../helpers/daemon.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startTcpProxy, type TcpProxy, type TestServer } from "../helpers/servers/index.ts";
import { startSeveringProxy, type SeveringProxy } from "../survival/severing-proxy.ts";
import { drawFault, type FaultScene } from "./faults.ts";
import { perform, settle, type Way } from "./perform.ts";
import type { Random } from "./random.ts";
import { drawWorkload } from "./workload.ts";

export interface LaneOptions {
  readonly name: string;
  readonly server: TestServer;
  readonly random: Random;
  readonly daemon: boolean;
  readonly only: { readonly kind: string; readonly fault: string } | undefined;
}

/** What was done in a round, and what is wrong, if anything is. */
export interface Round {
  readonly fault: string;
  readonly workloads: readonly string[];
  readonly wrong: string | undefined;
}

/** One agent with a session of its own: plays rounds one after the other, each with a fault drawn at random. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #parts: LaneParts;
  /** Where the commands note that they begin. */
  readonly #log: string;
  #holdfast: Holdfast;
  #replaced = 0;

  private constructor(options: LaneOptions, parts: LaneParts, holdfast: Holdfast) {
    this.#options = options;
    this.#parts = parts;
    this.#holdfast = holdfast;
    this.#log = join(options.server.loginUser?.home ?? options.server.directory, `ran-${options.name}`);
  }

  static async open(options: LaneOptions): Promise<Lane> {
    const cleanup = new Cleanup();
    const severing = await startSeveringProxy(options.server.port);
    cleanup.add(() => severing.stop());
    const proxy = await startTcpProxy(severing.port);
    cleanup.add(() => proxy.stop());
    const place = await createPrivatePlace(await configFor(options, proxy.port));
    cleanup.add(() => place.remove());
    if (options.daemon) cleanup.add(() => stopDaemon(place));
    const holdfast = await Holdfast.start(place, { daemon: options.daemon });
    return new Lane(options, { place, proxy, severing, cleanup }, holdfast);
  }

  /** Plays one round: one to three commands at once in the session, and one fault. */
  async play(mark: string): Promise<Round> {
    const { random, daemon, only } = this.#options;
    const workloads = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) =>
      drawWorkload(random, { mark: `${mark}n${index}`, log: this.#log, kind: only?.kind ?? "" }),
    );
    const fault = drawFault(random, daemon, only?.fault);
    const performing = workloads.map((workload) => perform(this.#way(), workload, random));
    await delay(random.between(0, 1500));
    const striking = settle(fault.strike(this.#scene(), random));
    const wrong = (await Promise.all(performing)).filter((one) => one !== undefined);
    const struck = await striking;
    if (struck instanceof Error) wrong.push(`the fault itself: ${struck.message}`);
    return {
      fault: fault.name,
      workloads: workloads.map(({ kind }) => kind),
      wrong: wrong.length === 0 ? undefined : wrong.join("; "),
    };
  }

  /** Closes the session, the server and all that was made for the lane. */
  async close(): Promise<string | undefined> {
    const closeOnce = async (): Promise<Reply | Error> =>
      settle(this.#holdfast.call("ssh_close", { session: this.#options.name }));
    let reply = await closeOnce();
    // A fault may have hit the close itself: then its outcome is unknown, and said to be.
    if (reply instanceof Error || reply.text.startsWith("connection_lost")) reply = await closeOnce();
    await this.#holdfast.stop();
    await this.#parts.cleanup.run();
    if (reply instanceof Error) return `ssh_close failed: ${reply.message}`;
    if (reply.text.startsWith("session_unknown")) return undefined;
    return reply.isError || reply.text.includes("still on the host") ? `ssh_close: ${reply.text}` : undefined;
  }

  #way(): Way {
    return {
      session: this.#options.name,
      call: async (tool, args, limitMs) => {
        try {
          return await this.#holdfast.call(tool, args, limitMs);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          throw new Error(`${tool} ${JSON.stringify(args).slice(0, 150)}: ${why}`, { cause: error });
        }
      },
      replaced: () => this.#replaced,
      timesRun: ({ mark }) => {
        if (!existsSync(this.#log)) return 0;
        return readFileSync(this.#log, "utf8")
          .split("\n")
          .filter((line) => line === mark).length;
      },
    };
  }

  #scene(): FaultScene {
    const { server, daemon } = this.#options;
    const { place, proxy, severing } = this.#parts;
    return {
      server,
      proxy,
      severing,
      serverPid: () => this.#holdfast.pid,
      restartServer: async () => {
        this.#replaced += 1;
        await this.#holdfast.kill();
        this.#holdfast = await Holdfast.start(place, { daemon });
      },
      daemon: daemon ? { pid: async () => (await daemonFacts(place))?.pid, stop: () => stopDaemon(place) } : undefined,
    };
  }
}

interface LaneParts {
  readonly place: PrivatePlace;
  readonly proxy: TcpProxy;
  readonly severing: SeveringProxy;
  readonly cleanup: Cleanup;
}

/** The server's ssh_config for this lane: its name, its way; the host key keeps its name. */
async function configFor({ server, name }: LaneOptions, port: number): Promise<string> {
  const text = await readFile(server.sshConfigFile, "utf8");
  const file = join(server.directory, `ssh_config_${name}`);
  const own = text.replace(/Port \d+/, `Port ${port}`).replace(/^Host .*$/m, `Host ${name}`);
  await writeFile(file, `${own}  HostKeyAlias [127.0.0.1]:${server.port}\n`, { mode: 0o600 });
  return file;
}

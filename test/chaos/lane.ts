import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { delay, monotonicMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { daemonPid, stopDaemon } from "../helpers/daemon.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startTcpProxy, type TcpProxy, type TestServer } from "../helpers/servers/index.ts";
import { startSeveringProxy, type SeveringProxy } from "../survival/severing-proxy.ts";
import { drawFault, type FaultScene } from "./faults.ts";
import type { Random } from "./random.ts";
import { drawWorkload, wrongOutcome, type Workload } from "./workload.ts";

/** No call may hang longer than this beyond what it was asked to wait. */
const hangLimitMs = 30_000;

/** Above the longest workload and the longest fault together. */
const wholeWaitS = 90;

export interface LaneOptions {
  readonly name: string;
  readonly server: TestServer;
  readonly random: Random;
  readonly daemon: boolean;
}

/** One agent with a session of its own: plays rounds one after the other, each with a fault drawn at random. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #place: PrivatePlace;
  readonly #proxy: TcpProxy;
  readonly #severing: SeveringProxy;
  readonly #cleanup: Cleanup;
  readonly #log: string;
  #holdfast: Holdfast;

  private constructor(options: LaneOptions, parts: LaneParts) {
    this.#options = options;
    this.#place = parts.place;
    this.#proxy = parts.proxy;
    this.#severing = parts.severing;
    this.#cleanup = parts.cleanup;
    this.#holdfast = parts.holdfast;
    this.#log = join(parts.place.root, "ran");
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
    return new Lane(options, { place, proxy, severing, cleanup, holdfast });
  }

  /** Plays one round; tells what was done to it and what is wrong, if anything is. */
  async play(mark: string): Promise<{ readonly fault: string; readonly wrong: string | undefined }> {
    const { random } = this.#options;
    const workload = drawWorkload(random, mark, this.#log);
    const fault = drawFault(random, this.#options.daemon);
    const before = this.#holdfast;
    const waitS = random.pick([0, 0.3, 1, wholeWaitS]);
    const started = settle(this.#run(before, workload, waitS));
    await delay(random.between(0, 1500));
    const striking = fault.strike(this.#scene(), random);
    if (fault.name === "server killed") await striking;
    const reply = this.#holdfast === before ? await started : undefined;
    const wrong = await this.#follow(workload, reply);
    await striking;
    return { fault: fault.name, wrong: wrong ?? this.#wrongCount(workload) };
  }

  /** Closes the session, the server and all that was made for the lane. */
  async close(): Promise<string | undefined> {
    const closeOnce = async (): Promise<Reply | Error> =>
      settle(this.#holdfast.call("ssh_close", { session: this.#options.name }));
    let reply = await closeOnce();
    // A fault may have hit the close itself: then its outcome is unknown, and said to be.
    if (reply instanceof Error || reply.text.startsWith("connection_lost")) reply = await closeOnce();
    await this.#holdfast.stop();
    await this.#cleanup.run();
    if (reply instanceof Error) return `ssh_close failed: ${reply.message}`;
    if (reply.text.startsWith("session_unknown")) return undefined;
    return reply.isError || reply.text.includes("still on the host") ? `ssh_close: ${reply.text}` : undefined;
  }

  async #run(holdfast: Holdfast, workload: Workload, waitS: number): Promise<Reply> {
    const { command, background } = workload;
    const args = {
      on: this.#options.name,
      command,
      wait_s: waitS,
      max_output: 1_000_000,
      ...(background ? { background } : {}),
    };
    return holdfast.call("ssh_run", args, waitS * 1000 + hangLimitMs + wholeWaitS * 1000);
  }

  /** Reads until the command has ended, whoever started it, and compares. */
  async #follow(workload: Workload, first: Reply | Error | undefined): Promise<string | undefined> {
    if (first instanceof Error) return `ssh_run failed: ${first.message}`;
    if (first?.isError === true) return `ssh_run: ${first.text}`;
    const id = first?.id ?? (await this.#find(workload));
    // The server died before the command was given to the host: it did not run, which the log confirms.
    if (id === undefined) return undefined;
    return this.#readToTheEnd(workload, id);
  }

  async #readToTheEnd(workload: Workload, id: string): Promise<string | undefined> {
    const since = monotonicMs();
    const args = { command: id, from: 0, wait_s: wholeWaitS, max_output: 1_000_000 };
    for (;;) {
      const reply = await settle(this.#holdfast.call("ssh_read", args, wholeWaitS * 1000 + hangLimitMs));
      if (reply instanceof Error) return `ssh_read failed: ${reply.message}`;
      const passing = /^(?:connection_lost|timed_out|dial_failed)/.test(reply.text);
      if (reply.isError && !passing) return `ssh_read: ${reply.text}`;
      // The end is known, the host could not hand the output over in time, and the reply says so: it is asked for again.
      const withheld = reply.stdout.startsWith("(output not shown: ");
      if (!reply.isError && reply.state !== "running" && !withheld) return wrongOutcome(workload, reply);
      if (monotonicMs() - since > wholeWaitS * 1000 + hangLimitMs) return `no end of ${id}: ${reply.firstLine}`;
      if (reply.isError || withheld) await delay(500);
    }
  }

  /** The command's id, asked of a server that did not start it. */
  async #find(workload: Workload): Promise<string | undefined> {
    const deadline = monotonicMs() + hangLimitMs;
    while (monotonicMs() < deadline) {
      const list = await settle(
        this.#holdfast.call("ssh_list", { what: "commands", session: this.#options.name, limit: 20 }),
      );
      const line = list instanceof Error ? undefined : list.text.split("\n").find((one) => one.includes(workload.mark));
      const id = line === undefined ? undefined : /[^\s·]+\/\d+/.exec(line)?.[0];
      if (id !== undefined) return id;
      if (!(list instanceof Error) && this.#timesRun(workload) === 0) {
        await delay(1500);
        if (this.#timesRun(workload) === 0) return undefined;
      }
      await delay(300);
    }
    return `${this.#options.name}/?`;
  }

  #wrongCount(workload: Workload): string | undefined {
    const times = this.#timesRun(workload);
    return times > 1 ? `it ran ${times} times` : undefined;
  }

  #timesRun(workload: Workload): number {
    if (!existsSync(this.#log)) return 0;
    return readFileSync(this.#log, "utf8")
      .split("\n")
      .filter((line) => line === workload.mark).length;
  }

  #scene(): FaultScene {
    return {
      server: this.#options.server,
      proxy: this.#proxy,
      severing: this.#severing,
      restartServer: async () => {
        await this.#holdfast.kill();
        this.#holdfast = await Holdfast.start(this.#place, { daemon: this.#options.daemon });
      },
      killDaemon: this.#options.daemon
        ? async () => {
            process.kill(await daemonPid(this.#place), "SIGKILL");
          }
        : undefined,
    };
  }
}

interface LaneParts {
  readonly place: PrivatePlace;
  readonly proxy: TcpProxy;
  readonly severing: SeveringProxy;
  readonly cleanup: Cleanup;
  readonly holdfast: Holdfast;
}

/** The server's ssh_config for this lane: its name, its way; the host key keeps its name. */
async function configFor({ server, name }: LaneOptions, port: number): Promise<string> {
  const text = await readFile(server.sshConfigFile, "utf8");
  const file = join(server.directory, `ssh_config_${name}`);
  const own = text.replace(/Port \d+/, `Port ${port}`).replace(/^Host .*$/m, `Host ${name}`);
  await writeFile(file, `${own}  HostKeyAlias [127.0.0.1]:${server.port}\n`, { mode: 0o600 });
  return file;
}

async function settle<T>(work: Promise<T>): Promise<T | Error> {
  try {
    return await work;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

import { Pulse, asHoldfastError, delay, jitter, keyedHex, messageOf, monotonicMs } from "../../base/index.ts";
import { patiently } from "../patiently.ts";
import type { CommandView } from "../session-api.ts";
import type { CopyCounts, CopyOutcome, CopyRequest, CopyWords, RunningCopy } from "./copy-api.ts";
import { stopped } from "./copy-file.ts";
import { copyOnce, findPaths, type CopyPaths } from "./copy-pass.ts";
import { shownPath, type CopySide } from "./copy-side.ts";
import { CopyTally } from "./copy-tally.ts";
import { DirectWay } from "./direct-way.ts";
import { openSide, type CopyHost } from "./open-side.ts";

/** A lost connection is made again after this time, then after longer and longer ones. */
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** A copy that gets nowhere for this long, however often it connects, is given up. */
const patienceMs = 900_000;

/** Errors after which another attempt may do better. */
const mayPass: readonly string[] = ["connection_lost", "timed_out", "dial_failed"];

/** Digits of the mark in the names of temporary files. */
const markDigits = 24;

export interface CopyEnds {
  readonly from: CopyHost | undefined;
  readonly to: CopyHost | undefined;
}

interface LiveCopyDeps {
  /** Gives a running copy a command; undefined: there is no host that could run it. */
  hold(copy: LiveCopy, words: CopyWords): Promise<CommandView>;
}

/** One copy of this process, from its start to its end. */
export class LiveCopy implements RunningCopy {
  readonly request: CopyRequest;
  readonly ends: CopyEnds;
  readonly #deps: LiveCopyDeps;
  readonly #tally = new CopyTally();
  readonly #stop = new AbortController();
  readonly #news = new Pulse();
  /** Names of temporary files hold a secret of the session that they are for, or of this process. */
  readonly #secret: string;
  #outcome: CopyOutcome | undefined;
  #paths: CopyPaths | undefined;
  #fresh = false;
  #held: Promise<CommandView> | undefined;

  constructor(request: CopyRequest, ends: CopyEnds, deps: LiveCopyDeps) {
    this.request = request;
    this.ends = ends;
    this.#deps = deps;
    this.#secret = ends.to?.secret ?? ends.from?.secret ?? "";
  }

  get counts(): CopyCounts {
    return this.#tally.counts();
  }

  get outcome(): CopyOutcome | undefined {
    return this.#outcome;
  }

  /** Opens both sides and looks whether there is something to copy; then it runs by itself. Rejects with what is wrong with the request. */
  async begin(signal?: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.stop();
    };
    if (signal?.aborted === true) throw stopped();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      void this.#run(await patiently(() => this.#look()));
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** The same for a copy that another process has begun: what is wrong with it is its outcome. */
  resume(): void {
    void this.#run(undefined);
  }

  async ended(limitMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = monotonicMs() + limitMs;
    while (this.#outcome === undefined && signal?.aborted !== true) {
      const left = deadline - monotonicMs();
      if (left <= 0) return;
      await this.#news.wait(left, signal);
    }
  }

  hold(words: CopyWords): Promise<CommandView> {
    this.#held ??= this.#deps.hold(this, words);
    return this.#held;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #look(): Promise<Sides> {
    const sides = await this.#open();
    try {
      this.#paths = await findPaths(this.request, sides.source, sides.target);
      this.#fresh = true;
      return sides;
    } catch (error) {
      await close(sides);
      throw error;
    }
  }

  async #run(first: Sides | undefined): Promise<void> {
    let sha256: string | undefined;
    let failure: unknown;
    try {
      sha256 = await this.#attempts(first);
    } catch (error) {
      failure = error;
    }
    this.#tally.end();
    const { from, to } = this.request;
    const paths = this.#paths;
    this.#outcome = {
      from: endText(from.on, paths?.from === undefined ? from.path : shownPath(paths.from)),
      to: endText(to.on, paths?.to === undefined ? to.path : shownPath(paths.to)),
      failures: this.#tally.failures,
      notes: this.#tally.notes,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(failure === undefined ? {} : { error: failure }),
    };
    this.#news.fire();
  }

  async #attempts(first: Sides | undefined): Promise<string | undefined> {
    let sides = first;
    let pauseMs = firstPauseMs;
    let movedAtMs = monotonicMs();
    for (;;) {
      const moved = this.#tally.movedBytes;
      try {
        sides ??= await this.#open();
        return await this.#once(sides);
      } catch (error) {
        const { code } = asHoldfastError(error);
        if (this.#stop.signal.aborted) throw stopped();
        if (this.#tally.movedBytes > moved) {
          movedAtMs = monotonicMs();
          pauseMs = firstPauseMs;
        }
        if (!mayPass.includes(code) || monotonicMs() - movedAtMs > patienceMs) throw error;
        this.#tally.note(`the connection was lost meanwhile (${messageOf(error).slice(0, 120)})`);
      } finally {
        if (sides !== undefined) await close(sides);
        sides = undefined;
      }
      await delay(pauseMs * jitter(0.3), this.#stop.signal);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    }
  }

  async #once({ source, target }: Sides): Promise<string | undefined> {
    const { request } = this;
    const stop = (): void => {
      // What is on the way ends with its channels.
      void close({ source, target });
    };
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    this.#tally.again();
    try {
      const paths = await this.#pathsNow(source, target);
      return await copyOnce(paths, request, {
        source,
        target,
        resume: request.resume !== false,
        verify: request.verify === true,
        xattrs: request.xattrs === true,
        direct: await this.#directWay(),
        tally: this.#tally,
        signal: this.#stop.signal,
        mark: (from, to) => keyedHex(this.#secret, JSON.stringify([request.from.on ?? "", from, to]), markDigits),
      });
    } finally {
      this.#stop.signal.removeEventListener("abort", stop);
    }
  }

  /** Undefined where files are to pass here: what sudo reads or writes, no ssh of the source's can. */
  async #directWay(): Promise<DirectWay | undefined> {
    const { from, to } = this.ends;
    if (from === undefined || to === undefined || from.windows || to.windows || this.request.sudo !== undefined) {
      return undefined;
    }
    const target = await to.directPlace();
    if (target === undefined) return undefined;
    const [source, { hostKey: fingerprint }] = await Promise.all([from.connect(), to.connect()]);
    return new DirectWay({ source, target, fingerprint, tally: this.#tally, signal: this.#stop.signal });
  }

  /** What is in the target's place is looked up again by every attempt but the first, which has just been told. */
  async #pathsNow(source: CopySide, target: CopySide): Promise<CopyPaths> {
    const known = this.#paths;
    const fresh = this.#fresh;
    this.#fresh = false;
    if (known === undefined) return (this.#paths = await findPaths(this.request, source, target));
    return fresh ? known : { ...known, old: await target.facts(known.to), inDirectory: false };
  }

  async #open(): Promise<Sides> {
    const { from, to, local, sudo } = this.request;
    const common = { local, sudo, signal: this.#stop.signal };
    const [source, target] = await Promise.allSettled([
      openSide({ ...common, end: from, host: this.ends.from }),
      openSide({ ...common, end: to, host: this.ends.to }),
    ]);
    if (source.status === "fulfilled" && target.status === "fulfilled") {
      return { source: source.value, target: target.value };
    }
    for (const one of [source, target]) if (one.status === "fulfilled") await one.value.close();
    const failed = [source, target].find((one) => one.status === "rejected");
    throw asHoldfastError(failed?.reason);
  }
}

interface Sides {
  readonly source: CopySide;
  readonly target: CopySide;
}

async function close({ source, target }: Sides): Promise<void> {
  await Promise.all([source.close(), target.close()]);
}

/** `web1:/etc/x`, or the path alone for this machine. */
function endText(on: string | undefined, path: string): string {
  return on === undefined ? path : `${on}:${path}`;
}

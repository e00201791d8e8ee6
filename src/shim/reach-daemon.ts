import { HoldfastError, delay, monotonicMs } from "../base/index.ts";
import { ensureDaemonDirectory, type DaemonPlace } from "./daemon-place.ts";
import { dialDaemon, type DaemonConnection } from "./dial-daemon.ts";
import type { Role } from "./hello.ts";
import { startDaemon, type StartedDaemon } from "./start-daemon.ts";

/** A daemon listens some 50 ms after its start, on a busy machine after seconds; taking over from one that stands still takes ten. */
const reachLimitMs = 40_000;

/** Between two attempts: short, because a client waits for its first answer. A daemon of ours tells when it listens. */
const firstPauseMs = 5;
const longestPauseMs = 100;

/** A daemon that fails to start fails again, unless it was killed or met another one that came and went. */
const mostStarts = 4;

/** The daemon of the place, started if there is none. Rejects with `config_invalid`, or with `internal` when there is no getting one. */
export async function reachDaemon(place: DaemonPlace, program: string, role: Role = "mcp"): Promise<DaemonConnection> {
  const until = monotonicMs() + reachLimitMs;
  const starts = new Starts(place, program);
  let pauseMs = firstPauseMs;
  await ensureDaemonDirectory(place);
  for (;;) {
    const dialed = await dialDaemon(place, role);
    if (dialed.kind === "connected") return dialed.connection;
    if (dialed.kind === "unusable") throw unreachable(dialed.why);
    const news = dialed.kind === "absent" || dialed.kind === "silent" ? await starts.ensure() : undefined;
    if (monotonicMs() > until) throw unreachable(`none came up within ${reachLimitMs / 1000} s; see ${place.logFile}`);
    await delay(news === undefined ? pauseMs : longestPauseMs, news);
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
  }
}

/** The daemons that one attempt to reach one has started, one after the other. */
class Starts {
  readonly #place: DaemonPlace;
  readonly #program: string;
  #newest: StartedDaemon | undefined;
  #count = 0;

  constructor(place: DaemonPlace, program: string) {
    this.#place = place;
    this.#program = program;
  }

  /** Starts one, unless one is coming up; the signal aborts when there is reason to look again, undefined when there was. */
  async ensure(): Promise<AbortSignal | undefined> {
    const code = this.#newest?.exitCode();
    if (this.#newest !== undefined && code === undefined) {
      const { news } = this.#newest;
      return news.aborted ? undefined : news;
    }
    if (this.#count >= mostStarts) {
      throw unreachable(`it ends as soon as it starts (exit ${code ?? "unknown"}); see ${this.#place.logFile}`);
    }
    this.#count += 1;
    this.#newest = await startDaemon(this.#place, this.#program);
    return this.#newest.news;
  }
}

function unreachable(why: string): HoldfastError {
  return new HoldfastError("internal", `the daemon cannot be used: ${why}`, {
    hint: "holdfast stop ends it; holdfast --no-daemon works without",
  });
}

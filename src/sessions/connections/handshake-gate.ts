import { HoldfastError, Semaphore } from "../../base/index.ts";
import type { ConnectPlan, SshEngine } from "../../ssh/index.ts";

/** OpenSSH drops logins at random from the eleventh unfinished one on (MaxStartups 10:30:100), and others want to log in, too. */
const handshakesPerHost = 4;

/** Every handshake ends in its own time; a queue that is longer than this has another reason. */
const waitMs = 120_000;

/** The same engine, but with at most 4 handshakes at once with one host; others wait for their turn, and no host waits for another. */
export function gateHandshakes(engine: SshEngine): SshEngine {
  const gates = new Map<string, Semaphore>();
  const connect: SshEngine["connect"] = async (plan, signal, first, stream) => {
    const place = placeOf(plan);
    const gate = gates.get(place) ?? new Semaphore(handshakesPerHost);
    gates.set(place, gate);
    const release = await gate.acquire(waitMs);
    if (release === undefined) throw queueTooLong(plan);
    try {
      return await engine.connect(plan, signal, first, stream);
    } finally {
      release();
      if (gate.held === 0) gates.delete(place);
    }
  };
  return { connect };
}

function placeOf({ host, port, via = [], proxyCommand }: ConnectPlan): string {
  return JSON.stringify([host, port, via.map((hop) => [hop.host, hop.port]), proxyCommand]);
}

function queueTooLong({ alias }: ConnectPlan): HoldfastError {
  return new HoldfastError("limit_reached", `too many connections to ${alias} are being made at once`, {
    hint: "Call again",
  });
}

import { HoldfastError, Semaphore } from "../../base/index.ts";
import type { ConnectPlan, SshConnection, SshEngine } from "../../ssh/index.ts";

/** OpenSSH drops logins at random from the eleventh unfinished one on (MaxStartups 10:30:100), and others want to log in, too. */
const handshakesPerHost = 4;

/** Every handshake ends in its own time; a queue that is longer than this has another reason. */
const waitMs = 120_000;

/** A server that is slower than this to say something after a login is not waited for: servers that answer no such question may say nothing. */
const settleMs = 1_000;

/**
 * The same engine, but with at most 4 handshakes at once with one host; others wait for their turn, and no host waits for another. Whoever
 * connects has the connection at once, but the next in the queue waits for a round trip more: see `releaseSettled`.
 */
export function gateHandshakes(engine: SshEngine): SshEngine {
  const gates = new Map<string, Semaphore>();
  const connect: SshEngine["connect"] = async (plan, signal, first, stream) => {
    const place = placeOf(plan);
    const gate = gates.get(place) ?? new Semaphore(handshakesPerHost);
    gates.set(place, gate);
    const leave = await gate.acquire(waitMs);
    if (leave === undefined) throw queueTooLong(plan);
    const release = (): void => {
      leave();
      if (gate.held === 0 && gates.get(place) === gate) gates.delete(place);
    };
    try {
      const connection = await engine.connect(plan, signal, first, stream);
      releaseSettled(connection, release);
      return connection;
    } catch (error) {
      release();
      throw error;
    }
  };
  return { connect };
}

/**
 * sshd says that a login is accepted a moment before it ceases to count it among the unfinished ones (MaxStartups); what it says next comes
 * from behind that moment. A handshake that begins earlier would be one too many.
 */
function releaseSettled(connection: SshConnection, release: () => void): void {
  connection.onClosed(release);
  connection.alive(settleMs).then(release, release);
}

function placeOf({ host, port, via = [], proxyCommand }: ConnectPlan): string {
  return JSON.stringify([host, port, via.map((hop) => [hop.host, hop.port]), proxyCommand]);
}

function queueTooLong({ alias }: ConnectPlan): HoldfastError {
  return new HoldfastError("limit_reached", `too many connections to ${alias} are being made at once`, {
    hint: "Call again",
  });
}

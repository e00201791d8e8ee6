import { daemonPlace, daemonWanted, dialDaemon } from "../shim/index.ts";
import type { Finding } from "./finding.ts";

/** Whether a daemon runs for these settings, and how it does. */
export async function checkDaemon(): Promise<Finding> {
  const about = "daemon";
  if (!daemonWanted()) {
    return { verdict: "note", about, text: "not used: HOLDFAST_NO_DAEMON is set, or this is Windows" };
  }
  const place = daemonPlace();
  const dialed = await dialDaemon(place, "status");
  if (dialed.kind === "unusable") {
    return { verdict: "bad", about, text: dialed.why, next: `Remove ${place.socketPath}, or end what listens there` };
  }
  if (dialed.kind === "silent") {
    return { verdict: "bad", about, text: "it does not answer", next: "Nothing: the next client replaces it" };
  }
  if (dialed.kind !== "connected") {
    return { verdict: "note", about, text: "none runs; the first client starts it" };
  }
  const { socket, facts } = dialed.connection;
  socket.destroy();
  const clients = `${facts.connections} ${facts.connections === 1 ? "connection" : "connections"}`;
  const text = `version ${facts.version}, process ${facts.pid}, up ${Math.round(facts.upMs / 1_000)} s, ${clients}`;
  return { verdict: "good", about, text };
}

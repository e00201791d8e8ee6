import { join } from "node:path";
import type { ConnectPlan } from "../../src/ssh/index.ts";
import type { TestServer } from "../helpers/servers/index.ts";

/** A plan that connects to a test server with its client key, and tells nothing to anyone's real files. */
export function planFor(server: TestServer, changes: Partial<ConnectPlan> = {}): ConnectPlan {
  return {
    alias: server.alias,
    host: server.host,
    port: server.port,
    user: server.user,
    knownHostsFiles: [server.knownHostsFile],
    ownKnownHostsFile: join(server.directory, "own", "known_hosts"),
    unknownHostKey: "ask",
    identityFiles: [{ path: server.keyFile, explicit: true }],
    identitiesOnly: true,
    connectTimeoutMs: 30_000,
    keepaliveMs: 15_000,
    ...changes,
  };
}

import type { Target } from "../../config/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";

/** A resolved target as the SSH engine takes it. */
export function connectPlan(target: Target): ConnectPlan {
  const { hostKeyAlias, agentSocket, password, passphrase } = target;
  return {
    alias: target.alias,
    host: target.host,
    port: target.port,
    user: target.user,
    knownHostsFiles: target.knownHostsFiles,
    unknownHostKey: target.unknownHostKey === "refuse" ? "ask" : target.unknownHostKey,
    identityFiles: target.identityFiles,
    identitiesOnly: target.identitiesOnly,
    connectTimeoutMs: target.connectTimeoutMs,
    keepaliveMs: target.keepaliveMs,
    ownKnownHostsFile: target.ownKnownHostsFile,
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(password === undefined ? {} : { password }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/** How people and agents read where a target is: `user@host:port`. */
export function addressOf(target: Pick<Target, "user" | "host" | "port">): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.user}@${host}:${target.port}`;
}

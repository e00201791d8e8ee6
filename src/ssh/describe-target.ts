import type { ConnectPlan } from "./engine.ts";

/** How errors name a target: `web1 (10.0.0.5:2222)`, or the address alone when the alias says no more. */
export function describeTarget(identity: Pick<ConnectPlan, "alias" | "host" | "port">): string {
  const host = identity.host.includes(":") ? `[${identity.host}]` : identity.host;
  const address = identity.port === 22 ? host : `${host}:${identity.port}`;
  return identity.alias.includes(identity.host) ? address : `${identity.alias} (${address})`;
}

import type { ConnectPlan } from "./engine.ts";

/** `10.0.0.5`, `10.0.0.5:2222`, `[::1]:2222`: the port is left out where it is 22. */
export function describeAddress(identity: Pick<ConnectPlan, "host" | "port">): string {
  const host = identity.host.includes(":") ? `[${identity.host}]` : identity.host;
  return identity.port === 22 ? host : `${host}:${identity.port}`;
}

/** How errors name a target: `web1 (10.0.0.5:2222)`, or the address alone when the alias says no more. */
export function describeTarget(identity: Pick<ConnectPlan, "alias" | "host" | "port">): string {
  const address = describeAddress(identity);
  return identity.alias.includes(identity.host) ? address : `${identity.alias} (${address})`;
}

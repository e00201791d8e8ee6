import { HoldfastError } from "../../base/index.ts";
import type { Target } from "../../config/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";

/** What the SSH engine cannot do yet is refused, never left out. */
function refuseProxies({ alias, jump, proxyCommand }: Target): void {
  const name = jump.length > 0 ? "ProxyJump" : proxyCommand === undefined ? undefined : "ProxyCommand";
  if (name === undefined) return;
  throw new HoldfastError("unsupported", `${alias} is reached through ${name}, which this version cannot do yet`, {
    hint: "Connect to a host that is reached directly, or forward a port with ssh -L and name that",
  });
}

/** In the order of OpenSSH. */
const loginMethods = ["publickey", "keyboard-interactive", "password"] as const;

/** The methods to log in with, in their order; undefined leaves both to the engine. */
function methodsOf(target: Target): readonly string[] | undefined {
  const allowed: Readonly<Record<string, boolean>> = {
    publickey: target.publicKeyLogin,
    "keyboard-interactive": target.keyboardLogin,
    password: target.passwordLogin,
  };
  const named = target.preferredAuthentications;
  if (named === undefined && !Object.values(allowed).includes(false)) return undefined;
  return (named ?? loginMethods).filter((method) => allowed[method] !== false);
}

/** A resolved target as the SSH engine takes it. Throws `unsupported` for a way there that it cannot go. */
export function connectPlan(target: Target): ConnectPlan {
  refuseProxies(target);
  const { hostKeyAlias, agentSocket, password, passphrase } = target;
  const preferredAuthentications = methodsOf(target);
  return {
    alias: target.alias,
    host: target.host,
    port: target.port,
    user: target.user,
    knownHostsFiles: target.knownHostsFiles,
    unknownHostKey: target.hostKeys,
    identityFiles: target.identityFiles,
    certificateFiles: target.certificateFiles,
    identitiesOnly: target.identitiesOnly,
    connectTimeoutMs: target.connectTimeoutMs,
    keepaliveMs: target.keepaliveMs,
    ownKnownHostsFile: target.ownKnownHostsFile,
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(password === undefined ? {} : { password }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(preferredAuthentications === undefined ? {} : { preferredAuthentications }),
  };
}

/** How people and agents read where a target is: `user@host:port`. */
export function addressOf(target: Pick<Target, "user" | "host" | "port">): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.user}@${host}:${target.port}`;
}

import type { Target } from "../../config/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";
import { defined } from "../defined.ts";

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

/** A resolved target as the SSH engine takes it, without what it goes through: `planRoute` finds that. */
export function connectPlan(target: Target): ConnectPlan {
  const { hostKeyAlias, revokedHostKeys, agentSocket, password, passphrase, proxyCommand, bindAddress, addressFamily } =
    target;
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
    compression: target.compression,
    legacy: target.legacy,
    engine: target.engine,
    sshOptions: target.sshOptions,
    algorithms: target.algorithms,
    retries: target.retries,
    retryDelayMs: target.retryDelayMs,
    ...(target.persistent ? {} : { idleMs: target.inactivityMs }),
    ...(addressFamily === "any" ? {} : { addressFamily: addressFamily === "inet" ? (4 as const) : (6 as const) }),
    ...defined({
      hostKeyAlias,
      revokedHostKeysFile: revokedHostKeys,
      agentSocket,
      password,
      passphrase,
      proxyCommand,
      bindAddress,
      preferredAuthentications,
    }),
  };
}

/** How people and agents read where a target is: `user@host:port`. */
export function addressOf(target: Pick<Target, "user" | "host" | "port">): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.user}@${host}:${target.port}`;
}

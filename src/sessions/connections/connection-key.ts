import { sha256Hex } from "../../base/index.ts";
import type { ConnectPlan } from "../../ssh/index.ts";

/** The same for plans that lead to the same place in the same way as the same person with the same credentials: only those share a connection. */
export function connectionKey(plan: ConnectPlan): string {
  return sha256Hex(JSON.stringify(partsOf(plan)));
}

function partsOf(plan: ConnectPlan): readonly unknown[] {
  const { host, port, user, hostKeyAlias, identityFiles, certificateFiles, identitiesOnly, agentSocket } = plan;
  const { password, passphrase, preferredAuthentications, proxyCommand, addressFamily, bindAddress } = plan;
  const { knownHostsFiles, ownKnownHostsFile, revokedHostKeysFile, unknownHostKey } = plan;
  return [
    [
      host,
      port,
      user,
      hostKeyAlias,
      proxyCommand,
      addressFamily,
      bindAddress,
      plan.compression,
      plan.legacy,
      plan.algorithms,
    ],
    [identityFiles, certificateFiles, identitiesOnly, agentSocket, password, passphrase, preferredAuthentications],
    // Whoever is stricter about the host's key must not get a connection that was made with less care.
    [knownHostsFiles, ownKnownHostsFile, revokedHostKeysFile, unknownHostKey],
    [plan.engine, plan.sshOptions],
    (plan.via ?? []).map(partsOf),
  ];
}

import type { Client, ParsedKey } from "ssh2";
import { protocolOf } from "./ssh2-internals.ts";

/** Servers known to read a login that comes right behind the request for the login service. */
const patientServers = /^SSH-2\.0-(?:OpenSSH|dropbear)/;

/** Hash of each RSA signature algorithm (RFC 8332 §3); other key types have one of their own. */
const hashes: Readonly<Record<string, string>> = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" };

interface EarlyLoginParts {
  readonly client: Client;
  readonly user: string;
  /** The first key that will be offered, when its signature needs nothing that the server has yet to say. */
  readonly firstKey: ParsedKey | undefined;
  /** What the server said it is, by the time the keys are exchanged. */
  identification(): string;
  /** Called when the first key has gone out, signed: what is sent now is read when that was accepted. */
  sent(): void;
}

/**
 * Saves two round trips of a login with a key file: the first key goes out, signed, together with the request for the
 * login service, and no key is shown first to ask whether it would do. Keys of an agent still are: signing with those may
 * need a person. Call it when `connect` has been called on the client.
 */
export function logInEarly(parts: EarlyLoginParts): void {
  const protocol = protocolOf(parts.client);
  const service = protocol.service.bind(protocol);
  const authPK = protocol.authPK.bind(protocol);
  let sentEarly = false;
  const offer = (user: string, key: ParsedKey, algorithm?: string): void => {
    authPK(user, key, algorithm, (data, give) => {
      give(key.sign(data, algorithm === undefined ? undefined : hashes[algorithm]));
    });
  };
  protocol.service = (name) => {
    service(name);
    if (parts.firstKey === undefined || name !== "ssh-userauth" || !patientServers.test(parts.identification())) return;
    offer(parts.user, parts.firstKey);
    sentEarly = true;
    parts.sent();
  };
  protocol.authPK = (user, key, algorithm, sign) => {
    if (sentEarly) sentEarly = false;
    else if (sign !== undefined || !key.isPrivateKey()) authPK(user, key, algorithm, sign);
    else offer(user, key, algorithm);
  };
}

import type { Client, ParsedKey } from "ssh2";
import type { Identity } from "./identity.ts";
import { keyAlgorithm } from "./key-algorithm.ts";
import { loginPackets, type LoginPackets } from "./login-packets.ts";
import { protocolOf } from "./ssh2-internals.ts";
import { signWithPerson } from "./sign-with-person.ts";
import type { Ssh2Library } from "./ssh2-library.ts";
import { wireString } from "./wire.ts";

/** SSH_MSG_USERAUTH_REQUEST (RFC 4252 §6). */
const authRequest = 50;

/** A well-formed public key: stand-ins inherit from it what ssh2 knows its own keys by. */
const modelKey = `ssh-ed25519 ${Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.alloc(32))]).toString("base64")}`;

function isParsedKey(value: unknown): value is ParsedKey {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "getPublicSSH") === "function";
}

/** Who may take time while a login is signed. */
export interface SigningWatch {
  /** Somebody else is at it, perhaps a person; the returned function tells that it is done. */
  wait(): () => void;
  /** The key that was offered last could not sign; the next attempt follows. */
  failed(reason: unknown): void;
  /** The passphrase of a key file, from a person; undefined when nobody gives it. */
  passphrase(path: string, again: boolean): Promise<string | undefined>;
}

type Signer = (data: Buffer, give: (signature: Buffer) => void) => void;

/**
 * Logs in with keys that ssh2 does not know: certificates, keys of tokens, and RSA keys without its habit to go on to
 * SHA-1. ssh2 is given a stand-in for each identity and decides when it is offered; the requests are written here.
 * Make it when `connect` has been called on the client.
 */
export class SignedLogins {
  readonly #library: Ssh2Library;
  readonly #packets: LoginPackets;
  readonly #watch: SigningWatch;
  readonly #identities = new Map<ParsedKey, Identity>();
  readonly #shown = new Set<Identity>();

  constructor(library: Ssh2Library, client: Client, watch: SigningWatch) {
    this.#library = library;
    this.#watch = watch;
    this.#packets = loginPackets(client);
    const protocol = protocolOf(client);
    const original = protocol.authPK.bind(protocol);
    protocol.authPK = (user, key, algorithm, sign) => {
      const identity = this.#identities.get(key);
      if (identity === undefined) original(user, key, algorithm, sign);
      else this.#offer(user, identity, sign);
    };
  }

  /** What ssh2 takes for a private key; it stands for `identity` on this connection. */
  standIn(identity: Identity): ParsedKey {
    const model = this.#library.utils.parseKey(modelKey);
    if (model instanceof Error) throw model;
    const stand: unknown = Object.create(model, {
      // A type of its own: ssh2 tries RSA keys again with older algorithms.
      type: { value: "stand-in" },
      comment: { value: "" },
      getPublicSSH: { value: () => identity.blob },
      isPrivateKey: { value: () => true },
      // Asked for only when signing has failed: an error is how ssh2 learns that it must go on.
      sign: { value: () => new Error("the key could not sign") },
    });
    if (!isParsedKey(stand)) throw new Error("no stand-in for a key can be made");
    this.#identities.set(stand, identity);
    return stand;
  }

  /** A file's key goes out signed; an agent's or a locked one is shown first, because signing with it may need a person. */
  #offer(user: string, identity: Identity, skip: Signer | undefined): void {
    const algorithm = keyAlgorithm(identity.type, this.#packets.serverAlgorithms, identity.signatures);
    const { signer } = identity;
    const asks = signer.kind !== "file" && !this.#shown.has(identity);
    this.#shown.add(identity);
    const request = Buffer.concat([
      Buffer.from([authRequest]),
      ...[user, "ssh-connection", "publickey"].map(wireString),
      Buffer.from([asks ? 0 : 1]),
      wireString(algorithm.request),
      wireString(identity.blob),
    ]);
    if (asks) {
      this.#packets.send("publickey", request);
      return;
    }
    const data = Buffer.concat([wireString(this.#packets.sessionId), request]);
    const sendSigned = (signature: Buffer): void =>
      this.#packets.send("publickey", Buffer.concat([request, wireString(signature)]));
    if (signer.kind === "file") {
      sendSigned(signer.sign(data, algorithm));
      return;
    }
    const done = this.#watch.wait();
    signWithPerson(signer, data, algorithm, (path, again) => this.#watch.passphrase(path, again))
      .finally(done)
      .then(sendSigned, (reason: unknown) => {
        this.#watch.failed(reason);
        skip?.(data, () => undefined);
      });
  }
}

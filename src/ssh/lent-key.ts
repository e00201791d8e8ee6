import { HoldfastError, messageOf } from "../base/index.ts";
import { listAgentKeys, signByAgent } from "./agent-client.ts";
import { fingerprint } from "./host-key.ts";
import { readKeyFile } from "./private-key.ts";
import { signData } from "./sign-data.ts";
import { loadSsh2 } from "./ssh2-library.ts";
import { keyTypeOf } from "./wire.ts";

/** A key that sudo of a host may be let in by. */
export interface LentKey {
  readonly blob: Buffer;
  readonly fingerprint: string;
  /** A whole SSH signature; `flags` as in a request to an agent. Rejects when the key is an agent's, and that refuses. */
  sign(data: Buffer, flags: number): Promise<Buffer>;
}

/** Where a key is: a private key that needs no passphrase, or a public one that the agent holds the other half of. */
export interface KeyPlace {
  readonly path: string;
  readonly agentSocket: string | undefined;
}

/** Flags of requests to agents: RSA signs by SHA-2 only where that is asked for. */
const sha512Flag = 4;
const sha256Flag = 2;

/** Reads a key file, or finds its key in the agent. Rejects with `key_unreadable`. */
export async function openLentKey({ path, agentSocket }: KeyPlace): Promise<LentKey> {
  const file = await readKeyFile(await loadSsh2(), { path, explicit: true, passphrase: undefined });
  if (file.kind === "missing") throw unusable(path, "does not exist", "Check its path");
  if (file.kind === "key") {
    const { privateKey, publicBlob: blob } = file;
    const sign = async (data: Buffer, flags: number): Promise<Buffer> =>
      signData(privateKey, algorithmOf(blob, flags), data);
    return { blob, fingerprint: fingerprint(blob), sign };
  }
  const { publicBlob: blob } = file;
  if (blob === undefined) throw file.error;
  if (agentSocket === undefined) throw unusable(path, "needs an agent, and there is none", "Start one: ssh-agent");
  const held = await listAgentKeys(agentSocket).catch((error: unknown) => {
    throw unusable(path, `needs the agent: ${messageOf(error)}`, "Start it, and load the key: ssh-add");
  });
  if (!held.some((key) => key.blob.equals(blob))) {
    throw unusable(path, "is not in the agent", "Load it: ssh-add");
  }
  const sign = (data: Buffer, flags: number): Promise<Buffer> => signByAgent(agentSocket, { blob, data, flags });
  return { blob, fingerprint: fingerprint(blob), sign };
}

function algorithmOf(blob: Buffer, flags: number): string {
  const type = keyTypeOf(blob) ?? "";
  if (type !== "ssh-rsa") return type;
  if ((flags & sha512Flag) !== 0) return "rsa-sha2-512";
  return (flags & sha256Flag) !== 0 ? "rsa-sha2-256" : type;
}

function unusable(path: string, why: string, hint: string): HoldfastError {
  return new HoldfastError("key_unreadable", `the key for sudo, ${path}, ${why}`, { hint });
}

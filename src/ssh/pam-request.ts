import { WireReader } from "./wire-reader.ts";

/** What pam_ssh_agent_auth has signed to let somebody become another user. */
export interface PamRequest {
  /** Who is to be let in, and who wants that. */
  readonly user: string;
  readonly by: string;
  /** The command line of the program that asks; long words are cut. */
  readonly words: readonly string[];
}

/** First number of what it has signed (PAM_SSH_AGENT_AUTH_REQUESTv1), and the kind of request that it pretends to be (SSH2_MSG_USERAUTH_TRUST_REQUEST). */
const version = 101;
const trustRequest = 54;

/** It names no more words. */
const mostWords = 255;

/** Reads what a key is to sign; undefined when that is anything but a request of pam_ssh_agent_auth for this key, a login with SSH, say. */
export function readPamRequest(data: Uint8Array, key: Uint8Array): PamRequest | undefined {
  try {
    const outer = new WireReader(data);
    const inner = new WireReader(outer.string());
    const kind = outer.byte();
    const by = outer.text();
    const service = outer.text();
    const method = outer.text();
    const signed = outer.byte();
    outer.text();
    const itsOwn = outer.string().equals(key) && outer.atEnd;
    const asIts = kind === trustRequest && service === "pam_ssh_agent_auth" && method === "publickey" && signed === 1;
    if (!itsOwn || !asIts || inner.uint32() !== version) return undefined;
    inner.string();
    const [user, wants] = [inner.text(), inner.text()];
    // The name of the PAM service, and the directory.
    inner.text();
    inner.text();
    const words = wordsOf(new WireReader(inner.string()));
    return words === undefined || wants !== by ? undefined : { user, by, words };
  } catch {
    return undefined;
  }
}

function wordsOf(reader: WireReader): readonly string[] | undefined {
  const count = reader.uint32();
  return count > mostWords ? undefined : Array.from({ length: count }, () => reader.text());
}

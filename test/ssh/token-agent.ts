import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { WireReader } from "../../src/ssh/wire-reader.ts";
import { wireMpint, wireString, wireUint32 } from "../../src/ssh/wire.ts";
import { makeTempDir } from "../helpers/servers/index.ts";

/** An agent with keys of FIDO tokens in software: it signs what a token would. */
export interface TokenAgent {
  readonly socket: string;
  /** Lines for authorized_keys, by type. */
  readonly publicLines: { readonly ed25519: string; readonly ecdsa: string };
  /** How often it was asked to sign. */
  readonly signed: number;
  /** What it does when it is asked to sign: `signs`, says no, or closes the connection. */
  behave(how: "signs" | "refuses" | "hangs up" | "signs wrongly"): void;
  stop(): Promise<void>;
}

interface TokenKey {
  readonly type: string;
  readonly blob: Buffer;
  /** The signature of what the token signs, without the flags and the counter. */
  sign(data: Buffer): Buffer;
}

/** The application that OpenSSH binds its keys to (PROTOCOL.u2f). */
const application = "ssh:";

/** The person was there. */
const presentFlag = 1;

function ed25519Key(): TokenKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const type = "sk-ssh-ed25519@openssh.com";
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const blob = Buffer.concat([wireString(type), wireString(raw), wireString(application)]);
  return { type, blob, sign: (data) => sign(null, data, privateKey) };
}

function ecdsaKey(): TokenKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const type = "sk-ecdsa-sha2-nistp256@openssh.com";
  const point = publicKey.export({ type: "spki", format: "der" }).subarray(-65);
  const blob = Buffer.concat([type, "nistp256", point, application].map(wireString));
  const signNumbers = (data: Buffer): Buffer => {
    const halves = sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" });
    return Buffer.concat([wireMpint(halves.subarray(0, 32)), wireMpint(halves.subarray(32))]);
  };
  return { type, blob, sign: signNumbers };
}

function sha256(data: Buffer | string): Buffer {
  return createHash("sha256").update(data).digest();
}

function tokenSignature(key: TokenKey, data: Buffer, count: number): Buffer {
  const tail = Buffer.concat([Buffer.from([presentFlag]), wireUint32(count)]);
  const signed = Buffer.concat([sha256(application), tail, sha256(data)]);
  return Buffer.concat([wireString(key.type), wireString(key.sign(signed)), tail]);
}

/** Starts an agent with one key of each type. */
export async function startTokenAgent(): Promise<TokenAgent> {
  const directory = makeTempDir();
  const socket = join(directory.path, "agent");
  const [ed25519, ecdsa] = [ed25519Key(), ecdsaKey()];
  let behaviour = "signs";
  let signed = 0;
  const answer = (request: Buffer): Buffer => {
    const reader = new WireReader(request);
    if (reader.byte() === 11) {
      const list = [ed25519, ecdsa].map((key) => Buffer.concat([wireString(key.blob), wireString("a token")]));
      return Buffer.concat([Buffer.from([12]), wireUint32(2), ...list]);
    }
    signed += 1;
    const blob = reader.string();
    const data = reader.string();
    if (behaviour === "refuses") return Buffer.from([5]);
    const key = blob.equals(ed25519.blob) ? ed25519 : ecdsa;
    const content = behaviour === "signs wrongly" ? Buffer.from("something else") : data;
    return Buffer.concat([Buffer.from([14]), wireString(tokenSignature(key, content, signed))]);
  };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on("error", () => undefined);
    let received = Buffer.alloc(0);
    client.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE(0)) return;
      const reply = answer(received.subarray(4));
      received = Buffer.alloc(0);
      if (behaviour === "hangs up" && reply[0] === 14) client.destroy();
      else client.write(wireString(reply));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const line = (key: TokenKey): string => `${key.type} ${key.blob.toString("base64")} token`;
  return {
    socket,
    publicLines: { ed25519: line(ed25519), ecdsa: line(ecdsa) },
    get signed() {
      return signed;
    },
    behave: (how) => {
      behaviour = how;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const client of open) client.destroy();
        server.close(() => {
          directory.remove();
          resolve();
        });
      }),
  };
}

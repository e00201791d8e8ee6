import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { HoldfastError, messageOf, oneLine, timeIsUp, withDeadline } from "../base/index.ts";
import type { SecretBinding } from "./secret.ts";

/** Where the library is that speaks to keyrings: among Holdfast's own modules or beside it, or in a directory. */
export type KeyringPlace = true | string;

/** The keyring of whoever runs this: Keychain, Credential Manager, Secret Service, or what the kernel keeps. */
export interface Keyring {
  /** Undefined where nothing is kept by that name. Rejects with `unsupported`, as do the others. */
  read(account: string): Promise<string | undefined>;
  write(account: string, secret: string): Promise<void>;
  /** False where there was nothing. */
  remove(account: string): Promise<boolean>;
}

/** Has native parts for each system, so it cannot be in the bundle: people who want it install it. */
const library = "@napi-rs/keyring";

/** What all entries are kept under. */
const service = "holdfast";

/** A keyring that is locked asks its owner, who may be away; whoever waits for the secret is then asked here. */
const limitMs = 60_000;

/** By which name a secret is kept: `sudo deploy@10.0.0.5`, `passphrase /home/me/.ssh/id_ed25519`. */
export function keyringAccount({ kind, user, host, what = "" }: SecretBinding): string {
  return kind === "passphrase" ? `passphrase ${what}` : `${kind} ${user}@${host.replace(/:22$/, "")}`;
}

/** The keyring, where its library is installed. Throws `unsupported`. */
export function openKeyring(place: KeyringPlace): Keyring {
  const Entry = entryClass(load(place));
  const call = async (account: string, method: string, ...words: readonly string[]): Promise<unknown> => {
    try {
      const entry: unknown = Reflect.construct(Entry, [service, account]);
      const does: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, method) : undefined;
      if (typeof does !== "function") throw new TypeError(`its version has no ${method}`);
      const work: Promise<unknown> = Promise.resolve(Reflect.apply(does, entry, words));
      const answer = await withDeadline(work, limitMs);
      if (answer === timeIsUp) throw new Error(`nobody unlocked it within ${limitMs / 1_000} s`);
      return answer;
    } catch (thrown) {
      throw unusable(`the keyring gave nothing: ${oneLine(messageOf(thrown), 200)}`, thrown);
    }
  };
  return {
    read: async (account) => {
      const secret = await call(account, "getPassword");
      return typeof secret === "string" && secret !== "" ? secret : undefined;
    },
    write: async (account, secret) => void (await call(account, "setPassword", secret)),
    remove: async (account) => (await call(account, "deletePassword")) === true,
  };
}

function load(place: KeyringPlace): unknown {
  try {
    const from = place === true ? realpathSync(process.argv[1] ?? process.execPath) : join(place, "here");
    const found: unknown = createRequire(from)(library);
    return found;
  } catch (thrown) {
    const where = place === true ? "" : ` in ${place}`;
    throw unusable(`${library} cannot be loaded${where}: ${oneLine(messageOf(thrown), 120)}`, thrown);
  }
}

function entryClass(found: unknown): Function {
  const entry: unknown = typeof found === "object" && found !== null ? Reflect.get(found, "AsyncEntry") : undefined;
  if (typeof entry === "function") return entry;
  throw unusable(`this version of ${library} has no AsyncEntry`, undefined);
}

function unusable(message: string, cause: unknown): HoldfastError {
  return new HoldfastError("unsupported", message.replace(/\.$/, ""), {
    hint: `npm install -g ${library}@2, beside Holdfast, and name the directory that "npm root -g" prints as secrets.keyring where it is not found`,
    cause,
  });
}

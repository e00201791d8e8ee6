import { HoldfastError } from "./base/index.ts";
import type { KeptSecret } from "./cli/index.ts";
import { openConfig, type Target } from "./config/index.ts";
import { keyringAccount, openKeyring, type SecretKind } from "./secrets/index.ts";

/** A secret of a target in the keyring, for a person who keeps or removes it. Rejects with `bad_input`, `config_invalid` and `unsupported`. */
export async function keptSecret(
  target: string,
  purpose: Extract<SecretKind, "login" | "sudo" | "enable" | "passphrase">,
): Promise<KeptSecret> {
  const config = openConfig();
  const { keyring } = await config.rules();
  const resolved = await config.resolve(target);
  const { user, port } = resolved;
  // As whoever asks for each names the host: a login by where it goes, the others by what the host is known as.
  const name = purpose === "login" ? resolved.host : (resolved.hostKeyAlias ?? resolved.host);
  const host = name.includes(":") && purpose === "login" ? `[${name}]:${port}` : `${name}:${port}`;
  const account = keyringAccount({ kind: purpose, user, host, what: keyFile(purpose, resolved) });
  const kept = openKeyring(keyring === false ? true : keyring);
  return {
    account,
    asked: keyring !== false,
    write: (secret) => kept.write(account, secret),
    remove: () => kept.remove(account),
  };
}

function keyFile(purpose: SecretKind, { alias, identityFiles }: Target): string | undefined {
  if (purpose !== "passphrase") return undefined;
  const path = identityFiles.find(({ explicit }) => explicit)?.path;
  if (path !== undefined) return path;
  throw new HoldfastError("bad_input", `${alias} names no key file`, {
    hint: "Set key_path, or IdentityFile in ssh_config",
  });
}

/** What is to be said of the keyring, where the settings use it. Rejects with `config_invalid`, and `unsupported` where it cannot be used. */
export async function describeKeyring(): Promise<string | undefined> {
  const { keyring } = await openConfig().rules();
  if (keyring === false) return undefined;
  await openKeyring(keyring).read("doctor");
  return "asked for passwords before a person is";
}

import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { sourced, type SettingsLayer, type Sourced } from "./settings-layer.ts";
import { isHarmlessUser, parsePort, parseTargetText, type TargetText } from "./target-text.ts";
import type { TargetOverrides } from "./target.ts";

/** OpenSSH allows a chain of any length; a longer one than this is a mistake. */
const longestChain = 8;

const origin = "argument";

/** Throws `bad_input` for a user name that ssh or a shell would take for something else. */
export function checkUser(user: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (user !== "" && !user.startsWith("-") && !/[\u0000-\u001F\u007F]/.test(user) && isHarmlessUser(user)) return user;
  throw new HoldfastError(
    "bad_input",
    "the user name is empty, begins with a dash or has characters in it that no name has",
    {
      hint: "Name a user of the host",
    },
  );
}

/** The hosts of a chain as `[user@]host[:port]`, nearest first. Throws `bad_input` for one that is no target. */
export function checkJump(hosts: readonly string[]): readonly string[] {
  const chain = hosts.map((host) => host.replace(/^ssh:\/\//, "").replace(/\/$/, ""));
  for (const host of chain) parseTargetText(host);
  if (chain.length <= longestChain) return chain;
  throw new HoldfastError("bad_input", `a chain of ${chain.length} jump hosts is too long`, {
    hint: `At most ${longestChain} are taken`,
  });
}

/** A path as a person writes it: `~/` is the home directory, relative paths begin at `base`. */
export function homePath(path: string, base = "."): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(base, path);
}

function checkedPort(port: number): number {
  if (parsePort(String(port)) !== undefined) return port;
  throw new HoldfastError("bad_input", `${port} is no port`, { hint: "A port is a whole number from 1 to 65535" });
}

function mapped<T>(value: T | undefined, from: string, check: (value: T) => T): Sourced<T> | undefined {
  return value === undefined ? undefined : { value: check(value), origin: from };
}

/** A key that is named is the one to use, not one among those of the agent. */
export function namedKeys(paths: readonly string[], from: string): SettingsLayer {
  return {
    identityFiles: { value: paths.map((path) => ({ path, explicit: true })), origin: from },
    identitiesOnly: { value: true, origin: from },
  };
}

/** What the call says, and the text of the target. Throws `bad_input`, before anything of it gets onto a command line. */
export function argumentLayer(overrides: TargetOverrides, parsed: TargetText): SettingsLayer {
  const { user, port, keyFile, jump, compression, connectTimeoutMs, retries } = overrides;
  return {
    user: mapped(user, origin, checkUser) ?? mapped(parsed.user, "target text", checkUser),
    port: mapped(port, origin, checkedPort) ?? sourced(parsed.port, "target text"),
    ...(keyFile === undefined ? {} : namedKeys([homePath(keyFile)], origin)),
    password: sourced(overrides.password, origin),
    passphrase: sourced(overrides.passphrase, origin),
    sudoPassword: sourced(overrides.sudoPassword, origin),
    enablePassword: sourced(overrides.enablePassword, origin),
    ...(jump === undefined
      ? {}
      : { jump: { value: checkJump(jump), origin }, proxyCommand: { value: undefined, origin } }),
    compression: sourced(compression, origin),
    connectTimeoutMs: sourced(connectTimeoutMs, origin),
    retries: sourced(retries, origin),
  };
}

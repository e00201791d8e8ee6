import { HoldfastError, oneLine } from "../base/index.ts";

/** `user@host:port` taken apart; `host` may be an alias of ssh_config. */
export interface TargetText {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** DNS allows 253 characters, and no sensible alias is longer; the rest is for user and port. */
const longestText = 512;

function refuse(text: string, why: string): HoldfastError {
  return new HoldfastError("bad_input", `the target ${JSON.stringify(oneLine(text, 80))} ${why}`, {
    hint: "Write an alias of ssh_config or user@host:port, IPv6 as user@[::1]:22",
  });
}

/** A port number, or undefined when the text is none. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function splitPort(text: string, place: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(place);
  if (bracketed !== null) return { host: bracketed[1] ?? "", port: bracketed[2] };
  if (/[[\]]/.test(place)) throw refuse(text, "has brackets in the wrong place");
  const parts = place.split(":");
  // More than one colon and no brackets: an IPv6 address without a port.
  return parts.length === 2 ? { host: parts[0] ?? "", port: parts[1] } : { host: place, port: undefined };
}

function checkCharacters(text: string): void {
  if (text === "") throw refuse(text, "is empty");
  if (text.length > longestText) throw refuse(text, "is too long");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007F-\u00A0\u2028\u2029]/.test(text)) {
    throw refuse(text, "has spaces or control characters in it");
  }
}

/** Characters that mean something to a shell: ssh_config may put host and user into commands (Match exec, ProxyCommand). */
const shellCharacters = { host: /['"`$\\;&<>|(){}]/, user: /['"`;&<>|(){}]|\\$/ };

/** Whether a user name can be put into a command of ssh_config without changing it. */
export function isHarmlessUser(user: string): boolean {
  return !shellCharacters.user.test(user);
}

/** Takes a target apart. Throws `bad_input` for what is no target, above all for what ssh would read as an option. */
export function parseTargetText(text: string): TargetText {
  checkCharacters(text);
  const at = text.lastIndexOf("@");
  const user = at < 0 ? undefined : text.slice(0, at);
  const { host, port: portText } = splitPort(text, text.slice(at + 1));
  if (user === "") throw refuse(text, "has no user before the @");
  if (host === "") throw refuse(text, "names no host");
  if ([host, user].some((part) => part?.startsWith("-"))) throw refuse(text, "begins with a dash");
  if (shellCharacters.host.test(host) || !isHarmlessUser(user ?? "")) {
    throw refuse(text, "has characters in it that mean something to a shell");
  }
  const port = portText === undefined ? undefined : parsePort(portText);
  if (portText !== undefined && port === undefined) {
    throw refuse(text, "has no port between 1 and 65535 after the colon");
  }
  return { user, host, port };
}

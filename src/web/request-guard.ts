import type { IncomingMessage } from "node:http";
import type { TokenCheck } from "./bearer-token.ts";
import { unbracketed } from "./listen-address.ts";

/** Names that always mean this machine. */
const localNames = ["localhost", "127.0.0.1", "::1"];

/** Who may ask. */
export interface GuardRules {
  /** The address that is listened on. */
  readonly address: string;
  /** Names beside this machine's own by which the server may be called. */
  readonly allowedHosts: readonly string[];
  /** Undefined when none is asked for. */
  readonly token: TokenCheck | undefined;
}

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Refuses what a web page could have sent: a page of another site shows itself by `Origin`, and one whose name was made
 * to point here (DNS rebinding) by `Host`. Applies to every path.
 */
export function judgeSource(incoming: IncomingMessage, rules: GuardRules): Refusal | undefined {
  const { host, origin } = incoming.headers;
  const hostName = nameOf(`http://${host ?? ""}`);
  if (hostName === undefined || !isOurs(hostName, incoming, rules)) {
    return { status: 403, message: `This server is not called ${quoted(host)}. ${hostHint}` };
  }
  if (origin === undefined) return undefined;
  if (sameOrigin(origin, host) || allows(rules, nameOf(origin))) return undefined;
  return { status: 403, message: `Web pages of ${quoted(origin)} may not use this server. ${hostHint}` };
}

/** Refuses whoever has not the token, if there is one. */
export function judgeToken(incoming: IncomingMessage, rules: GuardRules): Refusal | undefined {
  const { authorization } = incoming.headers;
  if (rules.token === undefined || rules.token(authorization)) return undefined;
  return {
    status: 401,
    message: `${authorization === undefined ? "A token is needed" : "That is not the token"}. Send: Authorization: Bearer <token>`,
    headers: { "www-authenticate": 'Bearer realm="holdfast"' },
  };
}

const hostHint = "Its operator can allow the name: holdfast serve --allowed-host <name>";

/** Ours is what this machine is called, the address the connection came in by, and what the operator has allowed. */
function isOurs(name: string, incoming: IncomingMessage, rules: GuardRules): boolean {
  const local = incoming.socket.localAddress?.replace(/^::ffff:/, "");
  return [...localNames, rules.address, local].includes(name) || allows(rules, name);
}

function allows(rules: GuardRules, name: string | undefined): boolean {
  return name !== undefined && rules.allowedHosts.some((one) => unbracketed(one).toLowerCase() === name);
}

/** True for pages that came from this server itself, whether or not something in front of it speaks TLS. */
function sameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && [`http://${host}`, `https://${host}`].includes(origin);
}

/** The host name in a URL, in lower case and without brackets. */
function nameOf(url: string): string | undefined {
  return URL.canParse(url) ? unbracketed(new URL(url).hostname) || undefined : undefined;
}

function quoted(text: string | undefined): string {
  return JSON.stringify((text ?? "").slice(0, 100));
}

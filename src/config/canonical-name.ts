import { lookup } from "node:dns";
import { isIP } from "node:net";
import { HoldfastError, timeIsUp, withDeadline } from "../base/index.ts";
import type { Gathered } from "./ssh-keywords.ts";

/** A resolver that does not answer must not hold the call: then the name counts as not found. */
const lookupLimitMs = 5_000;

/** How ssh looks a name up; true when it exists. */
export type NameLookup = (name: string) => Promise<boolean>;

/** Asks the system's resolver. */
export const systemLookup: NameLookup = async (name) => {
  const found = new Promise<boolean>((resolve) => lookup(name, (error) => resolve(error === null)));
  const outcome = await withDeadline(found, lookupLimitMs);
  return outcome !== timeIsUp && outcome;
};

/** An address in its usual spelling, or undefined for a name. */
function canonicalAddress(host: string): string | undefined {
  const kind = isIP(host);
  if (kind === 6 && !host.includes("%")) return new URL(`http://[${host}]/`).hostname.slice(1, -1);
  if (kind !== 0) return host;
  // 127.1 is an address, too.
  return /^\d+(?:\.\d+){0,3}$/.test(host) && URL.canParse(`http://${host}/`)
    ? new URL(`http://${host}/`).hostname
    : undefined;
}

function first(settings: Gathered, keyword: string): string {
  return settings.get(keyword)?.[0] ?? "";
}

/** Whether a name is to be looked up: not behind a proxy, unless always, and not when it has dots enough. */
function isWanted(host: string, settings: Gathered): boolean {
  const mode = first(settings, "canonicalizehostname");
  if (!["yes", "always", "true"].includes(mode)) return false;
  const command = first(settings, "proxycommand").toLowerCase();
  const direct = first(settings, "proxyjump") === "" && ["", "none"].includes(command);
  if (!direct && mode !== "always") return false;
  const mostDots = Number(first(settings, "canonicalizemaxdots") || "1");
  return host.endsWith(".") || host.split(".").length - 1 <= mostDots;
}

/**
 * The host name as CanonicalizeHostname and its siblings make it: addresses in their usual spelling, short names with the first of
 * CanonicalDomains under which they exist. Rejects with `config_invalid` when there is none and CanonicalizeFallbackLocal is no.
 */
export async function canonicalName(host: string, settings: Gathered, exists: NameLookup): Promise<string> {
  const address = canonicalAddress(host);
  if (address !== undefined || !isWanted(host, settings)) return address ?? host;
  const domains = first(settings, "canonicaldomains").split(" ");
  const usable = domains
    .slice(0, domains.includes("none") ? domains.indexOf("none") : domains.length)
    .filter((domain) => domain !== "");
  for (const full of host.endsWith(".") ? [host] : usable.map((domain) => `${host}.${domain}.`)) {
    if (await exists(full)) return full.slice(0, -1);
  }
  if (first(settings, "canonicalizefallbacklocal") !== "no") return host;
  throw new HoldfastError("config_invalid", `the host ${host} exists in none of the CanonicalDomains of ssh_config`, {
    hint: "Check the name, or set CanonicalizeFallbackLocal yes",
  });
}

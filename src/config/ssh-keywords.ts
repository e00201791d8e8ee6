import { userInfo } from "node:os";
import { HoldfastError } from "../base/index.ts";
import { defaultIdentities } from "./default-layer.ts";
import type { ConfigLine } from "./ssh-config-lines.ts";
import { forwardText } from "./ssh-forward-text.ts";
import { parsePort } from "./target-text.ts";

/** Settings while they are read: the first value of a keyword counts, but for those that add up. */
export type Gathered = Map<string, string[]>;

/** Older names of keywords. */
const aliases: Readonly<Record<string, string>> = {
  identityfile2: "identityfile",
  userknownhostsfile2: "userknownhostsfile",
  globalknownhostsfile2: "globalknownhostsfile",
  challengeresponseauthentication: "kbdinteractiveauthentication",
  skeyauthentication: "kbdinteractiveauthentication",
  tisauthentication: "kbdinteractiveauthentication",
  dsaauthentication: "pubkeyauthentication",
  pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
  smartcarddevice: "pkcs11provider",
};

const flags: ReadonlySet<string> = new Set([
  "identitiesonly",
  "compression",
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "canonicalizefallbacklocal",
  "clearallforwardings",
  "exitonforwardfailure",
  "batchmode",
]);

const times: ReadonlySet<string> = new Set(["connecttimeout", "serveraliveinterval"]);
const adding: ReadonlySet<string> = new Set(["identityfile", "certificatefile"]);
const lists: ReadonlySet<string> = new Set(["userknownhostsfile", "globalknownhostsfile", "canonicaldomains"]);
const forwards: ReadonlySet<string> = new Set(["localforward", "remoteforward", "dynamicforward"]);
const lowered: ReadonlySet<string> = new Set(["addressfamily", "canonicalizehostname"]);

function invalid({ file, line }: ConfigLine, what: string): HoldfastError {
  return new HoldfastError("config_invalid", `${file} line ${line}: ${what}`, { hint: "Mend that line" });
}

/** Takes a line into the settings if its keyword has no value yet, or is one that adds up. Throws `config_invalid`. */
export function takeLine(settings: Gathered, line: ConfigLine): void {
  const keyword = aliases[line.keyword] ?? line.keyword;
  if (keyword === "proxycommand" || keyword === "proxyjump") {
    takeProxy(settings, keyword, line);
    return;
  }
  const value = valueOf(keyword, line);
  const earlier = settings.get(keyword);
  if (earlier === undefined) settings.set(keyword, [value]);
  else if ((adding.has(keyword) || forwards.has(keyword)) && !earlier.includes(value)) earlier.push(value);
}

/** The one that comes first counts, whichever it is; a chain of `none` leaves room for a command. */
function takeProxy(settings: Gathered, keyword: string, line: ConfigLine): void {
  const jump = settings.get("proxyjump");
  if (settings.has("proxycommand")) return;
  if (keyword === "proxycommand") {
    // A command is taken as it is written: quotes are for the shell.
    if (jump === undefined || jump[0] === "none") settings.set(keyword, [line.rest]);
  } else if (jump === undefined) settings.set(keyword, [line.words.join(" ")]);
}

function valueOf(keyword: string, line: ConfigLine): string {
  const { words } = line;
  const [first = ""] = words;
  if (words.length === 0) throw invalid(line, `${line.keyword} has no value`);
  if (lists.has(keyword)) return words.join(" ");
  if (flags.has(keyword)) return yesOrNo(line, first);
  if (times.has(keyword)) return secondsOf(line, first);
  if (forwards.has(keyword)) return forwardText(words);
  if (keyword === "port") return String(portOf(line, first));
  if (keyword === "stricthostkeychecking") return strictness(line, first);
  if (keyword === "pubkeyauthentication") return publicKeys(line, first);
  return lowered.has(keyword) ? first.toLowerCase() : first;
}

function yesOrNo(line: ConfigLine, word: string): string {
  const value = word.toLowerCase();
  if (value === "yes" || value === "true") return "yes";
  if (value === "no" || value === "false") return "no";
  throw invalid(line, `${line.keyword} takes yes or no`);
}

function publicKeys(line: ConfigLine, word: string): string {
  const value = word.toLowerCase();
  if (value === "unbound" || value === "host-bound") return value;
  return yesOrNo(line, word) === "yes" ? "true" : "false";
}

/** In the words of `ssh -G`. */
function strictness(line: ConfigLine, word: string): string {
  const value = word.toLowerCase();
  if (value === "ask" || value === "accept-new") return value;
  if (value === "off") return "false";
  return yesOrNo(line, word) === "yes" ? "true" : "false";
}

function portOf(line: ConfigLine, word: string): number {
  const port = parsePort(String(Number(word)));
  if (/^\d{1,6}$/.test(word) && port !== undefined) return port;
  throw invalid(line, `${line.keyword} takes a number from 1 to 65535`);
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `90`, `1m30s`, `none`. */
function secondsOf(line: ConfigLine, word: string): string {
  if (word === "none") return "none";
  const parts = [...word.toLowerCase().matchAll(/(\d{1,9})([smhdw]?)/g)];
  if (word === "" || parts.map((part) => part[0]).join("").length !== word.length) {
    throw invalid(line, `${line.keyword} takes a time like 90 or 1m30s`);
  }
  return String(parts.reduce((sum, part) => sum + Number(part[1]) * (units[part[2] ?? ""] ?? 1), 0));
}

/** Puts in what `ssh -G` reports for keywords that nobody set, as far as it is of use here. */
export function fillDefaults(settings: Gathered): void {
  const usual: readonly (readonly [string, readonly string[]])[] = [
    ["user", [userInfo().username]],
    ["port", ["22"]],
    ["addressfamily", ["any"]],
    ["compression", ["no"]],
    ["identitiesonly", ["no"]],
    ["passwordauthentication", ["yes"]],
    ["kbdinteractiveauthentication", ["yes"]],
    ["pubkeyauthentication", ["true"]],
    ["stricthostkeychecking", ["ask"]],
    ["connecttimeout", ["none"]],
    ["serveraliveinterval", ["0"]],
    ["forwardagent", ["no"]],
    ["identityfile", defaultIdentities],
  ];
  for (const [keyword, values] of usual) if (!settings.has(keyword)) settings.set(keyword, [...values]);
  if (settings.get("proxyjump")?.[0]?.toLowerCase() === "none") settings.delete("proxyjump");
  if (settings.get("proxycommand")?.[0]?.toLowerCase() === "none") settings.delete("proxycommand");
}

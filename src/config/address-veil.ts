import { lookup } from "node:dns";
import { isIP } from "node:net";
import type { Target } from "./target.ts";

/** Names and addresses that are kept; a real installation has a few hundred. */
const mostKnown = 20_000;

/** A user name that says nothing about anyone, and that no output of a Unix command does without. */
const publicUsers: readonly string[] = ["root"];

/** The place of a user's name in text. */
const hiddenUser = "[user]";

/** Replaces real hosts, addresses and users of targets by their aliases in text. Grows with the targets that are resolved. */
export class AddressVeil {
  /** Lower-case host or address, and what stands for it. */
  readonly #hosts = new Map<string, string>();
  readonly #users = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers what is real about a target. What the caller wrote himself is known to him. */
  add({ alias, host, user }: Pick<Target, "alias" | "host" | "user">): void {
    this.addHost(host, alias);
    this.addUser(user, alias);
    if (isIP(host) !== 0 || this.#hosts.get(host.toLowerCase()) !== alias) return;
    // The name stands for addresses that errors and output may show; the system is asked in the background.
    lookup(host, { all: true }, (_error, found) => {
      for (const { address } of found ?? []) this.addHost(address, alias);
    });
  }

  addHost(host: string, alias: string): void {
    const key = host.toLowerCase();
    if (isPartOf(key, alias.toLowerCase()) || this.#hosts.has(key) || this.#hosts.size >= mostKnown) return;
    this.#hosts.set(key, alias);
    this.#pattern = undefined;
  }

  addUser(user: string, alias: string): void {
    const spoken = alias.slice(0, Math.max(0, alias.lastIndexOf("@"))) === user;
    if (spoken || publicUsers.includes(user) || this.#users.has(user) || this.#users.size >= mostKnown) return;
    this.#users.add(user);
    this.#pattern = undefined;
  }

  /** Whether `word` is what stands in text for a host. */
  standsFor(word: string): boolean {
    return [...this.#hosts.values()].includes(word);
  }

  /** `text` without them: `deploy@10.0.0.5:22` becomes `web1`. */
  hide(text: string): string {
    if (this.#hosts.size === 0 && this.#users.size === 0) return text;
    this.#pattern ??= patternOf([...this.#hosts.keys()], [...this.#users]);
    const parts: string[] = [];
    let from = 0;
    for (const match of text.matchAll(this.#pattern)) {
      const [whole, host] = match;
      parts.push(text.slice(from, match.index));
      if (host === undefined) parts.push(hiddenUser);
      else {
        dropAccount(parts);
        parts.push(this.#hosts.get(host.toLowerCase()) ?? hiddenHost);
      }
      from = match.index + whole.length;
    }
    return [...parts, text.slice(from)].join("");
  }
}

/** What stands for a host that has no alias any more. */
const hiddenHost = "[host]";

/** A user before a host, and the `@`; looked for in a few characters only. */
const account = /[^\s@:/,;"'()]{1,64}@$/;
const accountCharacters = 70;

/** Takes a user and `@` off the end of a text in parts. */
function dropAccount(parts: string[]): void {
  const last = parts.pop() ?? "";
  // A known user has been replaced, and is a part of its own.
  const before = last === "@" ? (parts.pop() ?? "") : "";
  const tail = `${before}${last}`;
  const kept = Math.max(0, tail.length - accountCharacters);
  parts.push(tail.slice(0, kept) + tail.slice(kept).replace(account, ""));
}

/** Whether `alias` says the host itself, as a word of its own. */
function isPartOf(host: string, alias: string): boolean {
  return patternOf([host], []).test(alias);
}

/** Whole words only: 10.0.0.5 is not part of 10.0.0.50. A user and port around an address go with it. */
function patternOf(hosts: readonly string[], users: readonly string[]): RegExp {
  const longestFirst = (words: readonly string[]): string =>
    words
      .toSorted((one, other) => other.length - one.length)
      .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join("|");
  const edge = { before: "(?<![A-Za-z0-9])", after: "(?![A-Za-z0-9])" };
  const host = `\\[?${edge.before}(${hosts.length === 0 ? "(?!)" : anyCase(longestFirst(hosts))})${edge.after}\\]?(?::\\d{1,5}\\b)?`;
  const name = `${edge.before}(${users.length === 0 ? "(?!)" : longestFirst(users)})${edge.after}`;
  return new RegExp(`${host}|${name}`, "g");
}

/** Host names count in any case, user names do not. */
function anyCase(source: string): string {
  return source.replaceAll(/(\\.)|([a-z])/g, (_whole, escaped: string | undefined, letter: string | undefined) =>
    letter === undefined ? (escaped ?? "") : `[${letter}${letter.toUpperCase()}]`,
  );
}

/** Four numbers, or groups with colons: what may be an address. */
const addressLike = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{0,15})(?![\w:])/gi;

/** Text in which `[address]` stands for every IP address, known or not. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(addressLike, (word) => (isIP(word) === 0 ? word : "[address]"));
}

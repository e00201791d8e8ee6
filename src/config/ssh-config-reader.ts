import { userInfo } from "node:os";
import { HoldfastError } from "../base/index.ts";
import { canonicalName, systemLookup, type NameLookup } from "./canonical-name.ts";
import type { Environment } from "./environment.ts";
import { includedFiles, linesOf, sshConfigFiles, type ConfigLine } from "./ssh-config-lines.ts";
import { asksCommand, hostLineApplies, matchLineApplies } from "./ssh-config-match.ts";
import { fillDefaults, takeLine, type Gathered } from "./ssh-keywords.ts";
import type { SshQuestion } from "./ssh-settings.ts";

/** As OpenSSH: deeper nesting is a loop. */
const deepestInclude = 16;

/** One reading of all files. The first value of a keyword counts, also over both passes. */
class Reading {
  readonly settings: Gathered = new Map();
  readonly #original: string;
  wantsFinal = false;
  #name: string;
  #finalPass = false;

  constructor({ name, hostName, user, port }: SshQuestion) {
    this.#original = name;
    this.#name = name;
    if (hostName !== undefined) this.settings.set("hostname", [hostName.replaceAll("%", "%%")]);
    if (user !== undefined) this.settings.set("user", [user]);
    if (port !== undefined) this.settings.set("port", [String(port)]);
  }

  /** The name with HostName put in, as far as it is known. */
  get host(): string {
    const hostName = this.settings.get("hostname")?.[0];
    if (hostName === undefined || this.#finalPass) return hostName ?? this.#name;
    return hostName.replaceAll(/%(.)/g, (whole, token: string) => ({ h: this.#original, "%": "%" })[token] ?? whole);
  }

  /** From now on Host and Match lines see the name that was found. */
  beginFinal(host: string): void {
    this.settings.set("hostname", [host]);
    this.#name = host;
    this.#finalPass = true;
  }

  async readFile(file: string): Promise<void> {
    await this.#read(file, { root: file, depth: 0, active: true, never: false });
  }

  async #read(file: string, place: Place): Promise<void> {
    let { active } = place;
    for (const line of await linesOf(file)) {
      if (line.keyword === "include") await this.#include(line, { ...place, active, never: place.never || !active });
      else if (line.keyword === "host") active = !place.never && hostLineApplies(line, this.#name);
      else if (line.keyword === "match") active = !place.never && this.#matches(line);
      else if (active) takeLine(this.settings, line);
    }
  }

  /** What is included under a heading that does not apply, does not apply either; afterwards that heading goes on. */
  async #include(line: ConfigLine, place: Place): Promise<void> {
    for (const included of await includedFiles(line, place.root)) {
      if (place.depth >= deepestInclude) throw tooDeep(included);
      await this.#read(included, { ...place, depth: place.depth + 1 });
    }
  }

  #matches(line: ConfigLine): boolean {
    return matchLineApplies(line, {
      name: this.#name,
      original: this.#original,
      host: this.host,
      user: this.settings.get("user")?.[0] ?? userInfo().username,
      finalPass: this.#finalPass,
      wantFinal: () => {
        this.wantsFinal = true;
      },
    });
  }
}

interface Place {
  /** The file that everything began with: it decides where relative Include paths begin. */
  readonly root: string;
  readonly depth: number;
  readonly active: boolean;
  readonly never: boolean;
}

function tooDeep(file: string): HoldfastError {
  return new HoldfastError("config_invalid", `${file} is included ${deepestInclude} levels deep`, {
    hint: "Look for an Include that leads back to itself",
  });
}

/**
 * Settings of a host read without ssh, in the words of `ssh -G`: everything but Match exec, whose blocks count as not matching.
 * Rejects with `config_invalid`.
 */
export async function readSettings(
  question: SshQuestion,
  env: Environment,
  exists: NameLookup = systemLookup,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const reading = new Reading(question);
  const { settings } = reading;
  const files = sshConfigFiles(env);
  for (const file of files) await reading.readFile(file);
  const host = await canonicalName(reading.host.toLowerCase(), settings, exists);
  const canonicalizes = ["yes", "always", "true"].includes(settings.get("canonicalizehostname")?.[0] ?? "no");
  if (reading.wantsFinal || canonicalizes) {
    reading.beginFinal(host);
    for (const file of files) await reading.readFile(file);
  }
  settings.set("hostname", [host]);
  fillDefaults(settings);
  return settings;
}

/** All lines of all files, included ones in their place. */
async function allLines(file: string, root: string, depth: number): Promise<readonly ConfigLine[]> {
  if (depth > deepestInclude) throw tooDeep(file);
  const found: ConfigLine[] = [];
  for (const line of await linesOf(file)) {
    const included = line.keyword === "include" ? await includedFiles(line, root) : [];
    if (line.keyword !== "include") found.push(line);
    for (const one of included) found.push(...(await allLines(one, root, depth + 1)));
  }
  return found;
}

/** A name that ssh_config has a Host line for. */
export interface ConfiguredHost {
  readonly alias: string;
  readonly file: string;
  readonly line: number;
}

/** The Host names of ssh_config that name one host (no wildcards), in their order, each once. Rejects with `config_invalid`. */
export async function listConfiguredHosts(env: Environment = process.env): Promise<readonly ConfiguredHost[]> {
  const found = new Map<string, ConfiguredHost>();
  for (const file of sshConfigFiles(env)) {
    for (const { keyword, words, ...place } of await allLines(file, file, 0)) {
      if (keyword !== "host") continue;
      for (const alias of words) {
        if (/[*?!]/.test(alias) || found.has(alias)) continue;
        found.set(alias, { alias, file: place.file, line: place.line });
      }
    }
  }
  return [...found.values()];
}

/** Where ssh_config has Match lines with a command: without ssh those blocks are left out. Rejects with `config_invalid`. */
export async function listMatchCommands(env: Environment = process.env): Promise<readonly string[]> {
  const lists = await Promise.all(sshConfigFiles(env).map((file) => allLines(file, file, 0)));
  return lists.flat().flatMap((line) => (asksCommand(line) ? [`${line.file} line ${line.line}`] : []));
}

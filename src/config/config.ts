import { AddressVeil, withoutAddresses } from "./address-veil.ts";
import { assembleTarget } from "./assemble-target.ts";
import type { Environment } from "./environment.ts";
import { defaultLogs, type LoadedConfig, type LogRules } from "./loaded-config.ts";
import { requireConfigured } from "./only-configured.ts";
import { aliasesOfVariables } from "./override-variables.ts";
import { listConfiguredHosts } from "./ssh-config-reader.ts";
import { SecretCommands } from "./secret-command.ts";
import { expandGroups } from "./target-groups.ts";
import { parseTargetText } from "./target-text.ts";
import type { SecretName, SecretTarget, Target, TargetOverrides } from "./target.ts";
import { WatchedConfig } from "./watched-config.ts";

/** A target that can be named, for lists: nothing secret, no address. */
export interface KnownTarget {
  readonly alias: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** The file, or the environment, that names it. */
  readonly source: string;
}

/** What the settings file says about everything. */
export type ConfigRules = Pick<
  LoadedConfig,
  | "file"
  | "onlyConfiguredTargets"
  | "hideAddresses"
  | "secretsInCalls"
  | "rememberSecretsMs"
  | "keyring"
  | "directCopies"
>;

/** Everything that is set up, as it is now: the settings file is read anew when it has changed. */
export interface Config {
  /** The settings file, there or not. */
  readonly file: string;
  /** Whether addresses are to be hidden, as far as has been read. */
  readonly hidesAddresses: boolean;
  /** Whether what looks like a token is to be hidden, as far as has been read. */
  readonly hidesTokens: boolean;
  /** What is kept of what commands print, as far as has been read. */
  readonly logs: LogRules;
  /** The program that shows questions on this machine, or `off`; undefined where nothing is said, as far as has been read. */
  readonly dialog: string | undefined;
  /** `asHop`: on the way to a target that may be used. Rejects with `bad_input`, `config_invalid` or `denied_by_policy`. */
  resolve(text: string, overrides?: TargetOverrides, asHop?: boolean): Promise<Target>;
  /** The target with the secrets that its commands print. Rejects with `config_invalid`. */
  reveal(target: Target): Promise<Target>;
  /** One secret of a target: as it is set, or as its command prints it. Rejects with `config_invalid`. */
  secretOf(target: SecretTarget, name: SecretName): Promise<string | undefined>;
  /** Rejects with `config_invalid`. */
  rules(): Promise<ConfigRules>;
  /** All targets that have a name. Rejects with `config_invalid`. */
  targets(): Promise<readonly KnownTarget[]>;
  /** Names with `@group` and `@tag` replaced by their targets. Rejects with `target_unknown` or `config_invalid`. */
  expand(names: readonly string[]): Promise<readonly string[]>;
  /** Text without real addresses and users, where they are to be hidden. */
  hide(text: string): string;
  /** An error's text, where they are to be hidden: without any address at all. */
  hideInError(text: string): string;
  /** What is wrong with the file while an older version of it holds. */
  complaint(): string | undefined;
  /** The same, once for each fault: for a note on a reply. */
  takeComplaint(): string | undefined;
}

/** Opens the settings of an environment; nothing is read before the first question. `onSecret` hears every secret that is resolved. */
export function openConfig(
  env: Environment = process.env,
  onSecret: (secret: string) => void = () => undefined,
): Config {
  return new CurrentConfig(env, onSecret);
}

/** What stands for a host on the way to a target. */
const hiddenHop = "[jump host]";

class CurrentConfig implements Config {
  readonly #env: Environment;
  readonly #watched: WatchedConfig;
  readonly #veil = new AddressVeil();
  readonly #commands = new SecretCommands();
  readonly #onSecret: (secret: string) => void;
  #veiled: LoadedConfig | undefined;
  #told: string | undefined;

  constructor(env: Environment, onSecret: (secret: string) => void) {
    this.#env = env;
    this.#onSecret = onSecret;
    this.#watched = new WatchedConfig(env);
  }

  get file(): string {
    return this.#watched.file;
  }

  get hidesAddresses(): boolean {
    return this.#watched.last?.hideAddresses === true;
  }

  get hidesTokens(): boolean {
    return this.#watched.last?.hideTokens === true;
  }

  get logs(): LogRules {
    return this.#watched.last?.logs ?? defaultLogs;
  }

  get dialog(): string | undefined {
    return this.#watched.last?.dialog;
  }

  async resolve(text: string, overrides: TargetOverrides = {}, asHop = false): Promise<Target> {
    const config = await this.#current();
    if (config.onlyConfiguredTargets && !asHop) requireConfigured(text, overrides, { config, env: this.#env });
    const target = await assembleTarget(text, { overrides, config, env: this.#env });
    if (config.hideAddresses) await this.#cover(target, asHop);
    this.#tellSecrets(target);
    return target;
  }

  async reveal(target: Target): Promise<Target> {
    const revealed = await this.#commands.reveal(target);
    this.#tellSecrets(revealed);
    return revealed;
  }

  async secretOf(target: SecretTarget, name: SecretName): Promise<string | undefined> {
    const secret = await this.#commands.secretOf(target, name);
    if (secret !== undefined) this.#onSecret(secret);
    return secret;
  }

  #tellSecrets({ password, passphrase, sudoPassword, enablePassword }: Target): void {
    for (const secret of [password, passphrase, sudoPassword, enablePassword]) {
      if (secret !== undefined) this.#onSecret(secret);
    }
  }

  /** Hosts on the way that are no targets themselves have no alias to be known by. */
  async #cover(target: Target, asHop: boolean): Promise<void> {
    const onTheWay = asHop || target.jump.length > 0;
    const known = new Set(onTheWay ? (await this.targets()).map(({ alias }) => alias) : []);
    const named = !asHop || known.has(parseTargetText(target.alias).host);
    this.#veil.add(named ? target : { ...target, alias: hiddenHop });
    for (const hop of target.jump) {
      const { host, user } = parseTargetText(hop);
      if (!known.has(host)) this.#veil.addHost(host, hiddenHop);
      if (user !== undefined) this.#veil.addUser(user, hiddenHop);
    }
  }

  async rules(): Promise<ConfigRules> {
    return this.#current();
  }

  async targets(): Promise<readonly KnownTarget[]> {
    const config = await this.#current();
    const found = new Map<string, KnownTarget>();
    for (const [alias, { values }] of config.targets) {
      const tags = values.tags ?? config.defaults.values.tags ?? [];
      found.set(alias, { alias, description: values.description, tags, source: config.file ?? "" });
    }
    const aliases = new Set([...found.keys()].map((alias) => alias.toLowerCase().replaceAll(/[^a-z0-9]/g, "_")));
    for (const alias of aliasesOfVariables(this.#env)) {
      if (!aliases.has(alias)) found.set(alias, plain(alias, "environment"));
    }
    for (const { alias, file } of config.onlyConfiguredTargets ? [] : await listConfiguredHosts(this.#env)) {
      if (!found.has(alias)) found.set(alias, plain(alias, file));
    }
    return [...found.values()];
  }

  async expand(names: readonly string[]): Promise<readonly string[]> {
    if (!names.some((name) => name.startsWith("@"))) return names;
    return expandGroups(names, await this.#current());
  }

  hide(text: string): string {
    return this.hidesAddresses ? this.#veil.hide(text) : text;
  }

  hideInError(text: string): string {
    if (!this.hidesAddresses) return text;
    // `web1 (10.0.0.5)` has become `web1 (web1)`, or `web1 (web2)` where both lead to one host.
    return withoutAddresses(this.#veil.hide(text)).replaceAll(
      /(?<!\S)(\S{1,70}) \((\S{1,70}|\[jump host\])\)/g,
      (whole, name: string, inside: string) => (this.#veil.standsFor(inside) ? name : whole),
    );
  }

  complaint(): string | undefined {
    const { fault } = this.#watched;
    return fault === undefined ? undefined : `${fault.message}; what it said before still holds`;
  }

  takeComplaint(): string | undefined {
    const complaint = this.complaint();
    const fresh = complaint === this.#told ? undefined : complaint;
    this.#told = complaint;
    return fresh;
  }

  async #current(): Promise<LoadedConfig> {
    const config = await this.#watched.current();
    if (config.hideAddresses && config !== this.#veiled) {
      this.#veiled = config;
      for (const [alias, { values }] of config.targets) {
        const user = values.user ?? config.defaults.values.user ?? "root";
        if (values.host !== undefined) this.#veil.add({ alias, host: values.host, user });
      }
    }
    return config;
  }
}

function plain(alias: string, source: string): KnownTarget {
  return { alias, description: undefined, tags: [], source };
}

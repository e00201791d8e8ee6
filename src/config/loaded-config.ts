import type { EntryValues } from "./config-schema.ts";

/** One target of the file, or its defaults. */
export interface ConfigEntry {
  readonly values: EntryValues;
  /** Where a key stands, as people read it: `config.yaml line 12`. */
  origin(key: keyof EntryValues): string;
}

/** What is kept of what commands print, on this machine. */
export interface LogRules {
  readonly record: boolean;
  /** Undefined: `logs` in the state directory. */
  readonly directory: string | undefined;
  readonly partBytes: number;
  readonly totalBytes: number;
}

/** A settings file, read and checked. */
export interface LoadedConfig {
  /** Undefined where there is none. */
  readonly file: string | undefined;
  readonly targets: ReadonlyMap<string, ConfigEntry>;
  readonly defaults: ConfigEntry;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly onlyConfiguredTargets: boolean;
  readonly hideAddresses: boolean;
  /** Hosts may send files to each other without passing here. */
  readonly directCopies: boolean;
  readonly secretsInCalls: "allow" | "refuse";
  /** How long what a person has typed is remembered; 0: not at all, infinity: while there is a session. */
  readonly rememberSecretsMs: number;
  /** The program that shows questions on this machine; `off`: none; undefined: as the environment says. */
  readonly dialog: string | undefined;
  /** Whether the keyring is asked, and where the library for that is when it is not beside Holdfast. */
  readonly keyring: boolean | string;
  /** Whether what looks like a well-known token is kept out of all that leaves. */
  readonly hideTokens: boolean;
  readonly logs: LogRules;
}

/** As sudo does by default: long enough for a piece of work, short enough for an unattended desk. */
export const defaultRememberMs = 900_000;

/** Off: output may hold what nobody wants on a disk, and only its user knows. The sizes: hours of a busy terminal, weeks of all of them. */
export const defaultLogs: LogRules = {
  record: false,
  directory: undefined,
  partBytes: 16 * 1_048_576,
  totalBytes: 512 * 1_048_576,
};

/** What holds without a file. */
export const emptyConfig: LoadedConfig = {
  file: undefined,
  targets: new Map(),
  defaults: { values: {}, origin: () => "default" },
  groups: new Map(),
  onlyConfiguredTargets: false,
  hideAddresses: false,
  secretsInCalls: "allow",
  rememberSecretsMs: defaultRememberMs,
  dialog: undefined,
  keyring: false,
  directCopies: false,
  hideTokens: false,
  logs: defaultLogs,
};

import type { EntryValues } from "./config-schema.ts";

/** One target of the file, or its defaults. */
export interface ConfigEntry {
  readonly values: EntryValues;
  /** Where a key stands, as people read it: `config.yaml line 12`. */
  origin(key: keyof EntryValues): string;
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
  readonly secretsInCalls: "allow" | "refuse";
}

/** What holds without a file. */
export const emptyConfig: LoadedConfig = {
  file: undefined,
  targets: new Map(),
  defaults: { values: {}, origin: () => "default" },
  groups: new Map(),
  onlyConfiguredTargets: false,
  hideAddresses: false,
  secretsInCalls: "allow",
};

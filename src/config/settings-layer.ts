import type { Origin, Target, TargetSettings } from "./target.ts";

/** A value and where it came from. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** All settings, each with its origin. */
export type SettingsTable = { readonly [Name in keyof TargetSettings]: Sourced<TargetSettings[Name]> };

/** What one source says: some settings. */
export type SettingsLayer = { readonly [Name in keyof SettingsTable]?: SettingsTable[Name] | undefined };

/** A value with its origin, or undefined where nothing is said. */
export function sourced<T>(value: T | undefined, origin: Origin): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, origin };
}

/** Lays the layers over each other, the strongest first; `base` has everything. */
export function mergeLayers(layers: readonly SettingsLayer[], base: SettingsTable): SettingsTable {
  return layers.toReversed().reduce<SettingsTable>((below, layer) => laidOver(below, layer), base);
}

type Present<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

function laidOver(below: SettingsTable, layer: SettingsLayer): SettingsTable {
  return { ...below, ...present(layer) };
}

function present<T extends object>(fields: T): Present<T> {
  const kept: Present<T> = { ...fields };
  for (const name of Object.keys(fields)) {
    if (Reflect.get(kept, name) === undefined) Reflect.deleteProperty(kept, name);
  }
  return kept;
}

/** The values of a table, frozen, with their origins beside them. */
export function targetOf(table: SettingsTable, identity: Pick<Target, "alias" | "ownKnownHostsFile">): Target {
  const origins = Object.fromEntries(Object.entries(table).map(([name, { origin }]) => [name, origin]));
  return Object.freeze({ ...identity, ...valuesOf(table), origins: Object.freeze(origins) });
}

function valuesOf(table: SettingsTable): TargetSettings {
  return {
    host: table.host.value,
    port: table.port.value,
    user: table.user.value,
    hostKeyAlias: table.hostKeyAlias.value,
    knownHostsFiles: Object.freeze([...table.knownHostsFiles.value]),
    revokedHostKeys: table.revokedHostKeys.value,
    hostKeys: table.hostKeys.value,
    identityFiles: Object.freeze([...table.identityFiles.value]),
    certificateFiles: Object.freeze([...table.certificateFiles.value]),
    identitiesOnly: table.identitiesOnly.value,
    agentSocket: table.agentSocket.value,
    preferredAuthentications: table.preferredAuthentications.value,
    publicKeyLogin: table.publicKeyLogin.value,
    passwordLogin: table.passwordLogin.value,
    keyboardLogin: table.keyboardLogin.value,
    password: table.password.value,
    passwordCommand: table.passwordCommand.value,
    passphrase: table.passphrase.value,
    passphraseCommand: table.passphraseCommand.value,
    sudoPassword: table.sudoPassword.value,
    sudoPasswordCommand: table.sudoPasswordCommand.value,
    enablePassword: table.enablePassword.value,
    enablePasswordCommand: table.enablePasswordCommand.value,
    jump: Object.freeze([...table.jump.value]),
    proxyCommand: table.proxyCommand.value,
    addressFamily: table.addressFamily.value,
    bindAddress: table.bindAddress.value,
    compression: table.compression.value,
    legacy: table.legacy.value,
    algorithms: table.algorithms.value,
    engine: table.engine.value,
    x11: table.x11.value,
    x11Display: table.x11Display.value,
    x11Authority: table.x11Authority.value,
    sshOptions: table.sshOptions.value,
    persistent: table.persistent.value,
    connectTimeoutMs: table.connectTimeoutMs.value,
    keepaliveMs: table.keepaliveMs.value,
    retries: table.retries.value,
    retryDelayMs: table.retryDelayMs.value,
    commandTimeoutMs: table.commandTimeoutMs.value,
    inactivityMs: table.inactivityMs.value,
    description: table.description.value,
    notes: table.notes.value,
    directory: table.directory.value,
    env: Object.freeze({ ...table.env.value }),
    tags: Object.freeze([...table.tags.value]),
    readOnly: table.readOnly.value,
    sudoAskpass: table.sudoAskpass.value,
    sudoKey: table.sudoKey.value,
    askers: Object.freeze([...table.askers.value]),
  };
}

/** Where the value of a setting came from. `call`: the caller's parameter; `target`: the text of the target itself. */
export type Origin = "call" | "target" | "ssh_config" | "environment" | "default";

/** Everything needed to connect to one target, resolved and frozen. */
export interface Target {
  /** The target as the caller wrote it. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
  readonly knownHostsFiles: readonly string[];
  /** Holdfast's own known_hosts file; the only one that is ever written without a person asking for it. */
  readonly ownKnownHostsFile: string;
  readonly unknownHostKey: "refuse" | "accept-new";
  /** `explicit`: named in the call, so that it is an error when the file is of no use. */
  readonly identityFiles: readonly { readonly path: string; readonly explicit: boolean }[];
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  readonly password: string | undefined;
  readonly passphrase: string | undefined;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly origins: Readonly<
    Record<"host" | "port" | "user" | "identityFiles" | "agentSocket" | "connectTimeoutMs" | "keepaliveMs", Origin>
  >;
}

/** What the caller says about a target; it goes before everything else. */
export interface TargetOverrides {
  readonly user?: string;
  readonly port?: number;
  readonly keyFile?: string;
  readonly password?: string;
  readonly passphrase?: string;
  readonly connectTimeoutMs?: number;
}

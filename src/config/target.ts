/** Where a value came from, as people read it: `argument`, `OVRD_WEB1_HOST`, `config.yaml line 12`, `ssh_config`, `default`. */
export type Origin = string;

/** A command that prints a secret on its first line: shell text, or a program and its arguments. */
export type SecretCommand = string | readonly string[];

/** All that can be set for a target; where each came from is in `Target.origins`. */
export interface TargetSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Looked up in known_hosts instead of host and port. */
  readonly hostKeyAlias: string | undefined;
  readonly knownHostsFiles: readonly string[];
  /** A list of host keys that are never accepted. */
  readonly revokedHostKeys: string | undefined;
  /** What becomes of an unknown host key: a person is asked, it is remembered, it is refused. Changed ones are always refused. */
  readonly hostKeys: "ask" | "accept-new" | "strict";
  /** `explicit`: named by the caller or in our settings, so that it is an error when the file is of no use. */
  readonly identityFiles: readonly { readonly path: string; readonly explicit: boolean }[];
  /** User certificates, for the keys they belong to. */
  readonly certificateFiles: readonly string[];
  /** Keys of the agent count only when they are among the files. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  /** Names of login methods in the order wanted; undefined: our own. */
  readonly preferredAuthentications: readonly string[] | undefined;
  readonly publicKeyLogin: boolean;
  readonly passwordLogin: boolean;
  readonly keyboardLogin: boolean;
  readonly password: string | undefined;
  readonly passwordCommand: SecretCommand | undefined;
  readonly passphrase: string | undefined;
  readonly passphraseCommand: SecretCommand | undefined;
  readonly sudoPassword: string | undefined;
  readonly sudoPasswordCommand: SecretCommand | undefined;
  readonly enablePassword: string | undefined;
  readonly enablePasswordCommand: SecretCommand | undefined;
  /** Hosts to go through, nearest first, each `[user@]host[:port]` and a target of its own; empty: none. */
  readonly jump: readonly string[];
  /** Shell text whose standard input and output are the connection; tokens are expanded. Never together with `jump`. */
  readonly proxyCommand: string | undefined;
  readonly addressFamily: "any" | "inet" | "inet6";
  readonly bindAddress: string | undefined;
  readonly compression: boolean;
  /** Algorithms that are no longer safe may be used. */
  readonly legacy: boolean;
  /** Lists of algorithms of ssh_config by lower-case keyword, as it has them; those that are ssh's own are not among them. */
  readonly algorithms: Readonly<Record<string, string>>;
  readonly engine: "auto" | "ssh2" | "openssh";
  /** Whether programs of the host may show windows on the display of this machine, and how far they are trusted. */
  readonly x11: "off" | "untrusted" | "trusted";
  /** That display by its name, and the file with its cookie. */
  readonly x11Display: string | undefined;
  readonly x11Authority: string | undefined;
  /** Settings of ssh_config that only the system's ssh understands, by their names there. */
  readonly sshOptions: Readonly<Record<string, string>>;
  /** The connection is never closed for being idle. */
  readonly persistent: boolean;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  /** Attempts after the first, for failures that may pass. */
  readonly retries: number;
  /** Before the first of them; doubled for each further one. */
  readonly retryDelayMs: number;
  /** Hard limit of a command that names none; undefined: none. */
  readonly commandTimeoutMs: number | undefined;
  /** An idle connection is closed after this time. */
  readonly inactivityMs: number;
  readonly description: string | undefined;
  /** What the agent should know about the host. */
  readonly notes: string | undefined;
  /** Where sessions begin. */
  readonly directory: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The file tools write nothing there. */
  readonly readOnly: boolean;
  /** Its sudo can ask by a program of ours, but for versions that are known not to; where false, its password goes to its stdin. */
  readonly sudoAskpass: boolean;
  /** A key that its sudo may be let in by (pam_ssh_agent_auth): a private one, or a public one whose other half an agent has. */
  readonly sudoKey: string | undefined;
  /** Programs there that may ask a person, beside sudo. */
  readonly askers: readonly ("ssh" | "git" | "gpg")[];
}

/** The secrets that can be set for a target. */
export type SecretName = "password" | "passphrase" | "sudoPassword" | "enablePassword";

/** What the settings say of a target's secrets. */
export type SecretTarget = Pick<Target, "alias"> & Partial<Pick<Target, SecretName | `${SecretName}Command`>>;

/** Everything about one target, resolved and frozen. */
export interface Target extends TargetSettings {
  /** The target as the caller wrote it. */
  readonly alias: string;
  /** Holdfast's own known_hosts file; the only one that is ever written without a person asking for it. */
  readonly ownKnownHostsFile: string;
  /** By name of the setting. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** What the caller says about a target; it goes before everything else. */
export interface TargetOverrides {
  readonly user?: string;
  readonly port?: number;
  readonly keyFile?: string;
  readonly password?: string;
  readonly passphrase?: string;
  readonly sudoPassword?: string;
  readonly enablePassword?: string;
  /** Hosts to go through, nearest first; empty: none, whatever the files say. */
  readonly jump?: readonly string[];
  readonly compression?: boolean;
  readonly connectTimeoutMs?: number;
  readonly retries?: number;
}

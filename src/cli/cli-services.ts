import type { Readable, Writable } from "node:stream";
import type { OpenToolHost } from "../tools/index.ts";

/** One value that a target resolves to, and where it came from. */
export interface ResolvedValue {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** A host key as a server offers it, for a person to judge. */
export interface TrustOffer {
  readonly address: string;
  readonly keyType: string;
  readonly fingerprint: string;
  /** `changed`: a known_hosts file has another key; `revoked`: one says never to take it; `known`: nothing to do. */
  readonly standing: "unknown" | "known" | "changed" | "revoked";
  /** The file, line and fingerprint that contradict the key. */
  readonly known: string | undefined;
  /** Writes the key to Holdfast's known_hosts; gives what was done, one line each. */
  accept(): readonly string[];
}

/** A secret of a target as the keyring has it, there or not. */
export interface KeptSecret {
  /** By which name it is kept. */
  readonly account: string;
  /** Whether the settings say that the keyring is to be asked. */
  readonly asked: boolean;
  write(secret: string): Promise<void>;
  /** False where there was none. */
  remove(): Promise<boolean>;
}

/** A platform of network CLIs, for a person to read. */
export interface DescribedPlatform {
  readonly name: string;
  readonly title: string;
  /** `built in`, or its file. */
  readonly origin: string;
  readonly facts: readonly { readonly about: string; readonly text: string }[];
  /** What it makes of a line with the cursor, in words; undefined when it is output to it. */
  describeLine(text: string): string | undefined;
}

/** Where Holdfast keeps things, and which ssh_config it reads. */
export interface Places {
  readonly configFile: string;
  readonly stateDirectory: string;
  readonly configDirectory: string;
  readonly sshConfigFile: string;
  /** Lines of ssh_config that depend on a command: `file line 3`. Rejects with `config_invalid`. */
  matchCommands(): Promise<readonly string[]>;
}

/** All that the commands need from outside: wired by the composition root, so that no room below `tools` is reached from here. */
export interface CliServices {
  readonly input: Readable;
  /** A request to initialize, at the beginning of `input`, whose client has the answer already. */
  readonly answered: string | number | undefined;
  readonly output: Writable;
  readonly errors: Writable;
  /** True when a person sits at both ends. */
  readonly interactive: boolean;
  /** Aborts when the process is asked to end (Ctrl+C, TERM). */
  readonly interrupted: AbortSignal;
  /** What a daemon is started as. */
  readonly program: string;
  /** Opens nothing yet: the first call does. */
  openHost(): Promise<OpenToolHost>;
  places(): Promise<Places>;
  /** Where logs are, and whether any are written. Rejects with `config_invalid`. */
  logs(): Promise<{ readonly directory: string; readonly record: boolean }>;
  /** What the settings file holds, in words; undefined where there is none. Rejects with `config_invalid`. */
  describeConfig(): Promise<string | undefined>;
  describeTarget(target: string): Promise<readonly ResolvedValue[]>;
  /** Goes to each host on the way to a target and tells each that was reached. Rejects as reaching the first other one does. */
  tryWay(target: string, onHop: (hop: string) => void): Promise<void>;
  /** Opens the display of this machine as the target may use it: what it is, undefined where X11 is off. Rejects with why it cannot be used. */
  tryDisplay(target: string): Promise<string | undefined>;
  /** By the name of a platform or the path of a file. Rejects with `bad_input`, and with `config_invalid` for a bad file. */
  describedPlatform(nameOrFile: string): Promise<DescribedPlatform>;
  offerTrust(target: string): Promise<TrustOffer>;
  /** Rejects with `bad_input`, `config_invalid`, and `unsupported` where the keyring cannot be used. */
  keptSecret(target: string, purpose: "login" | "sudo" | "enable" | "passphrase"): Promise<KeptSecret>;
  /** What is to be said of the keyring, where the settings use it; undefined where they do not. Rejects as `keptSecret`. */
  describeKeyring(): Promise<string | undefined>;
}

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

/** Where Holdfast keeps things, and which ssh_config it reads. */
export interface Places {
  readonly stateDirectory: string;
  readonly configDirectory: string;
  readonly sshConfigFile: string;
}

/** All that the commands need from outside: wired by the composition root, so that no room below `tools` is reached from here. */
export interface CliServices {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
  /** True when a person sits at both ends. */
  readonly interactive: boolean;
  /** Aborts when the process is asked to end (Ctrl+C, TERM). */
  readonly interrupted: AbortSignal;
  /** Opens nothing yet: the first call does. */
  openHost(): Promise<OpenToolHost>;
  places(): Promise<Places>;
  describeTarget(target: string): Promise<readonly ResolvedValue[]>;
  offerTrust(target: string): Promise<TrustOffer>;
}

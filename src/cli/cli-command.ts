import type { ParseArgsConfig } from "node:util";
import type { CliServices } from "./cli-services.ts";

/** Exit codes: all well; it failed, and the output says why; the command line itself was wrong. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** What the command line gave to a command. */
export interface CliArguments {
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

/** One subcommand of `holdfast`. */
export interface CliCommand {
  readonly name: string;
  /** What follows the name: `<tool> '<json>'`. */
  readonly usage: string;
  readonly summary: string;
  /** Further lines of `--help`. */
  readonly details: readonly string[];
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  readonly positionals: { readonly least: number; readonly most: number };
  /** Resolves with the exit code. */
  run(args: CliArguments, services: CliServices): Promise<number>;
}

/** A wrong command line: told on stderr with the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

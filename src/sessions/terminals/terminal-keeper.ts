import type { SshConnection } from "../../ssh/index.ts";
import { look } from "../host-shell/host-files.ts";
import { patiently } from "../patiently.ts";
import { keepers, probeScript, type Keeper } from "./terminal-text.ts";

/** What keeps terminals on one host: found out when the first is wanted. */
export class TerminalKeeper {
  readonly #connect: () => Promise<SshConnection>;
  #found: Promise<Keeper | undefined> | undefined;

  constructor(connect: () => Promise<SshConnection>) {
    this.#connect = connect;
  }

  /** Undefined where the host has nothing that keeps a terminal. Rejects as connecting does. */
  async get(): Promise<Keeper | undefined> {
    this.#found ??= this.#probe();
    return this.#found.catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
  }

  async #probe(): Promise<Keeper | undefined> {
    const { stdout } = await patiently(async () => look(await this.#connect(), probeScript()));
    const said = stdout.toString().trim();
    return keepers.find((keeper) => keeper === said);
  }
}

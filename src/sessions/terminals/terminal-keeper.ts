import { HoldfastError } from "../../base/index.ts";
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

  /** Rejects with `unsupported` where the host has nothing that keeps a terminal, and as connecting does. */
  async get(): Promise<Keeper> {
    this.#found ??= this.#probe();
    const keeper = await this.#found.catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    if (keeper !== undefined) return keeper;
    throw new HoldfastError("unsupported", "this host has nothing that keeps a terminal (script, python3 or perl)", {
      hint: 'Open a session with ssh_open {"kind":"exec"}: its terminals live as long as their connection',
    });
  }

  async #probe(): Promise<Keeper | undefined> {
    const { stdout } = await patiently(async () => look(await this.#connect(), probeScript()));
    const said = stdout.toString().trim();
    return keepers.find((keeper) => keeper === said);
  }
}

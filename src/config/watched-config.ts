import { stat } from "node:fs/promises";
import { asHoldfastError, type HoldfastError } from "../base/index.ts";
import { variable, type Environment } from "./environment.ts";
import type { LoadedConfig } from "./loaded-config.ts";
import { configFile, readConfig, stampOf } from "./read-config.ts";

/** The settings file, read anew when it has changed; while it is broken, what was read before holds. */
export class WatchedConfig {
  readonly file: string;
  readonly #required: boolean;
  #stamp: string | undefined;
  #config: LoadedConfig | undefined;
  #fault: HoldfastError | undefined;
  #reading: Promise<LoadedConfig> | undefined;

  constructor(env: Environment) {
    this.file = configFile(env);
    this.#required = variable(env, "HOLDFAST_CONFIG") !== undefined;
  }

  /** What is wrong with the file as it is, while an older version of it holds. */
  get fault(): HoldfastError | undefined {
    return this.#fault;
  }

  /** What was read last; undefined before the first reading. */
  get last(): LoadedConfig | undefined {
    return this.#config;
  }

  /** The settings that hold now. Rejects with `config_invalid` when none have ever been read. */
  async current(): Promise<LoadedConfig> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<LoadedConfig> {
    const stamp = await this.#stampNow();
    if (this.#config !== undefined && stamp === this.#stamp) return this.#config;
    try {
      const { config, stamp: read } = await readConfig(this.file, this.#required || this.#config?.file !== undefined);
      this.#config = config;
      this.#stamp = read;
      this.#fault = undefined;
      return config;
    } catch (thrown) {
      if (this.#config === undefined) throw thrown;
      this.#stamp = stamp;
      this.#fault = asHoldfastError(thrown);
      return this.#config;
    }
  }

  async #stampNow(): Promise<string> {
    try {
      return stampOf(await stat(this.file));
    } catch {
      return "none";
    }
  }
}

import type { Config, Target } from "../../config/index.ts";
import type { Platform } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { DocumentStore } from "../../store/index.ts";
import type { DeviceWay } from "../shells/choose-rung.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import type { DeviceLine } from "./device-line.ts";
import { CommitTrial } from "./commit-trial.ts";
import { askEnable, askOnConsole, loginAnswers, type TypedName } from "./device-asks.ts";
import { DeviceShell } from "./device-shell.ts";
import { KnownDevices } from "./known-devices.ts";
import { openDevice, softwareOf } from "./open-device.ts";
import { openPlatforms, type PlatformSource } from "./platform-source.ts";

/** One session on a device. */
export interface DeviceAbout {
  readonly name: string;
  /** `user@host:port` */
  readonly account: string;
  /** The number of the first command. */
  readonly first: number;
  readonly usedBefore: boolean;
  /** As the caller named it, or as it was found to be. */
  readonly platform: string | undefined;
  readonly target: () => Promise<Target>;
  /** Who is asked for the enable password, and for what a console wants. */
  readonly ask: AskForSession;
  readonly connect: () => Promise<SshConnection>;
}

/** Identifications of servers that run on anything: they tell nothing. */
const anybody = /^SSH-[\d.]+-(?:OpenSSH_(?!for_)|dropbear)/i;

/** Makes the shells of sessions on network devices, with passwords as the settings have them. */
export class DeviceDesk {
  readonly #config: Pick<Config, "secretOf">;
  readonly #known: KnownDevices;
  readonly #store: DocumentStore;
  /** By account: what one session leaves to be confirmed, the others there are told as well. */
  readonly #trials = new Map<string, CommitTrial>();
  #platforms: Promise<PlatformSource> | undefined;

  /** What is found out of devices, and what waits there to be confirmed, is kept in `store`. */
  constructor(config: Pick<Config, "secretOf">, store: DocumentStore) {
    this.#config = config;
    this.#store = store;
    this.#known = new KnownDevices(store);
  }

  /** A session as a device's that may turn out to be one. */
  way(about: DeviceAbout): DeviceWay {
    return {
      told: async (connection) => {
        const known = await this.#known.recall(about.account, connection);
        if (known !== undefined) return `its host key, which was that of ${known} before`;
        const { serverIdentification } = connection;
        if (anybody.test(serverIdentification)) return undefined;
        const title = (await this.#source()).byIdentification(softwareOf(serverIdentification))?.title;
        return title === undefined ? undefined : `its SSH identification, ${title}`;
      },
      shell: () => this.shell(about),
    };
  }

  shell(about: DeviceAbout): DeviceShell {
    const { name, first, usedBefore, target, connect } = about;
    const typed: TypedName = { name: undefined };
    return new DeviceShell({
      session: name,
      trial: this.#trialOf(about.account),
      first,
      usedBefore,
      connect,
      openLine: (connection, platform) => this.#open(connection, { ...about, typed }, platform),
      withoutTerminal: async (connection) => {
        const platform = await this.#told(connection, about);
        return platform?.exec === "preferred" ? platform : undefined;
      },
      hasEnable: async () => (await this.#config.secretOf(await target(), "enablePassword")) !== undefined,
      askEnable: askEnable(about.ask),
      askOnConsole: askOnConsole(about.ask),
    });
  }

  /** What it is, where nobody has to look: named, by its identification, or found out before. */
  async #told(connection: SshConnection, { platform, account }: DeviceAbout): Promise<Platform | undefined> {
    if (platform !== undefined) return (await this.#source()).find(platform);
    const known = await this.#known.recall(account, connection);
    const source = await this.#source();
    const before = known === undefined ? undefined : await source.find(known).catch(() => undefined);
    return before ?? source.byIdentification(softwareOf(connection.serverIdentification));
  }

  /** `platform`: it has a terminal already, which told that. */
  async #open(
    connection: SshConnection,
    about: DeviceAbout & { readonly typed: TypedName },
    platform?: Platform,
  ): Promise<DeviceLine> {
    const { account, target, ask, typed } = about;
    const settings = await target();
    const told = platform ?? (await this.#told(connection, about));
    const common = {
      connection,
      told,
      another: platform !== undefined,
      platforms: await this.#source(),
      connectMs: settings.connectTimeoutMs,
    };
    const password = (): Promise<string | undefined> => this.#config.secretOf(settings, "password");
    try {
      const answers = loginAnswers({ password, ask, user: settings.user }, typed);
      const line = await openDevice({ ...common, answers });
      if (told === undefined && line.terminal.platform.name !== common.platforms.generic.name) {
        await this.#known.remember(account, connection, line.terminal.platform.name);
      }
      return line;
    } catch (error) {
      // It may be another device by now, with the key of the one before.
      await this.#known.forget(account, connection);
      throw error;
    }
  }

  #trialOf(account: string): CommitTrial {
    const trial = this.#trials.get(account) ?? new CommitTrial(this.#store, account);
    this.#trials.set(account, trial);
    return trial;
  }

  /** Read when they are needed first. */
  #source(): Promise<PlatformSource> {
    const source = this.#platforms ?? openPlatforms();
    this.#platforms = source;
    return source;
  }
}

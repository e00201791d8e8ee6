import { randomHex } from "../../base/index.ts";
import type { Config, Target } from "../../config/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { DeviceWay } from "../shells/choose-rung.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import { DeviceShell } from "./device-shell.ts";
import type { AskEnable } from "./line-run.ts";
import { openDevice, softwareOf } from "./open-device.ts";
import { openPlatforms, type PlatformSource } from "./platform-source.ts";

/** One session on a device. */
export interface DeviceAbout {
  readonly name: string;
  /** The number of the first command. */
  readonly first: number;
  readonly usedBefore: boolean;
  /** As the caller named it, or as it was found to be. */
  readonly platform: string | undefined;
  readonly target: () => Promise<Target>;
  /** Who is asked for the enable password. */
  readonly ask: AskForSession;
  readonly connect: () => Promise<SshConnection>;
}

/** Identifications of servers that run on anything: they tell nothing. */
const anybody = /^SSH-[\d.]+-(?:OpenSSH_(?!for_)|dropbear)/i;

/** Makes the shells of sessions on network devices, with passwords as the settings have them. */
export class DeviceDesk {
  readonly #config: Pick<Config, "secretOf">;
  #platforms: Promise<PlatformSource> | undefined;

  constructor(config: Pick<Config, "secretOf">) {
    this.#config = config;
  }

  /** A session as a device's that may turn out to be one. */
  way(about: DeviceAbout): DeviceWay {
    return {
      told: async (identification) => {
        if (anybody.test(identification)) return undefined;
        return (await this.#source()).byIdentification(softwareOf(identification))?.title;
      },
      shell: () => this.shell(about),
    };
  }

  shell({ name, first, usedBefore, platform, target, ask, connect }: DeviceAbout): DeviceShell {
    const config = this.#config;
    return new DeviceShell({
      session: name,
      first,
      usedBefore,
      connect,
      openLine: async (connection) => {
        const settings = await target();
        const platforms = await this.#source();
        const password = (): Promise<string | undefined> => config.secretOf(settings, "password");
        return openDevice({ connection, platform, platforms, user: settings.user, password });
      },
      withoutTerminal: async ({ serverIdentification }) => {
        if (platform === undefined && anybody.test(serverIdentification)) return undefined;
        const platforms = await this.#source();
        const told =
          platform === undefined
            ? platforms.byIdentification(softwareOf(serverIdentification))
            : await platforms.find(platform);
        return told?.exec === "preferred" ? told : undefined;
      },
      hasEnable: async () => (await config.secretOf(await target(), "enablePassword")) !== undefined,
      askEnable: askEnable(ask),
    });
  }

  /** Read when they are needed first. */
  #source(): Promise<PlatformSource> {
    const source = this.#platforms ?? openPlatforms();
    this.#platforms = source;
    return source;
  }
}

/** The enable password, by the broker. Its question is the same each time; each attempt is another asker. */
function askEnable(ask: AskForSession): AskEnable {
  const over = new AbortController();
  return async (prompt) => {
    const question = {
      kind: "enable",
      form: "secret",
      program: undefined,
      prompt,
      command: "enable",
      doubt: undefined,
      askerKey: randomHex(8),
      showOn: () => Promise.resolve("failed" as const),
    } as const;
    const answer = await ask(question, over.signal);
    if (!("secret" in answer)) return answer;
    // Whoever asks again without waiting for an answer says that the first one was wrong.
    return { secret: answer.secret, wrong: () => void ask(question, AbortSignal.abort()) };
  };
}

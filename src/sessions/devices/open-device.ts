import type { LoginAsks, Platform } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { DeviceLine } from "./device-line.ts";
import type { PlatformSource } from "./platform-source.ts";

/** How long a device may take to its first prompt: some think for half a minute. */
const loginLimitMs = 40_000;

/** The same where nothing says that it is a device at all, and where it has shown how fast it is. */
const guessLimitMs = 15_000;

/** A console that says nothing for so long waits for a key; what is known to be something else may be thinking. */
const consoleWakeMs = 2_000;
const wakeMs = 10_000;

export interface OpenDevice {
  readonly connection: SshConnection;
  /** What it is; undefined: it is found out. */
  readonly told: Platform | undefined;
  /** It has shown a terminal already; this one is beside it. */
  readonly another: boolean;
  readonly platforms: PlatformSource;
  /** For devices that ask once more. */
  readonly answers: Pick<LoginAsks, "answer" | "wrong">;
  /** How long connecting may take; the first prompt may take twice as long at most. */
  readonly connectMs: number;
}

/** A new terminal of a device, logged in; what nobody has told is found out. Rejects as `DeviceLine.open`. */
export async function openDevice(open: OpenDevice): Promise<DeviceLine> {
  const { connection, told, another, platforms, answers, connectMs } = open;
  const limitMs = told === undefined || another ? guessLimitMs : loginLimitMs;
  const software = softwareOf(connection.serverIdentification);
  return DeviceLine.open({
    connection,
    platform: told ?? platforms.generic,
    asks: {
      ...answers,
      limitMs: Math.min(limitMs, 2 * connectMs),
      wakeMs: (told ?? platforms.generic) === platforms.generic ? consoleWakeMs : wakeMs,
    },
    ...(told === undefined
      ? {
          recognise: (terminal, { prompt, greeting }): Promise<Platform> =>
            platforms.recognise({ software, greeting, prompt: prompt.text, above: greeting.at(-1) ?? "", terminal }),
        }
      : {}),
  });
}

/** Which software serves SSH there: `Cisco-1.25` of `SSH-2.0-Cisco-1.25`. */
export function softwareOf(identification: string): string {
  return identification.replace(/^SSH-[\d.]+-/, "");
}

import type { Platform } from "../../devices/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { CommitTrial } from "./commit-trial.ts";
import type { AskSecret } from "./device-asks.ts";
import type { DeviceLine } from "./device-line.ts";

/** What a session on a device stands on. */
export interface DeviceShellDeps {
  readonly session: string;
  /** The device's commit that has to be confirmed, whichever session has made it. */
  readonly trial: CommitTrial;
  /** The number of the first command. */
  readonly first: number;
  /** The session was used before, by a terminal that is gone. */
  readonly usedBefore: boolean;
  connect(): Promise<SshConnection>;
  /** A new terminal of the device, logged in; `platform`: as another terminal of it has told. */
  openLine(connection: SshConnection, platform?: Platform): Promise<DeviceLine>;
  /** What it is, where that is known beforehand and takes commands better without a terminal. */
  withoutTerminal(connection: SshConnection): Promise<Platform | undefined>;
  /** There is an enable password that nobody has to be asked for. */
  hasEnable(): Promise<boolean>;
  /** Who knows the enable password. */
  readonly askEnable: AskSecret;
  /** Who knows what else it may ask. */
  readonly askOnConsole: AskSecret;
}

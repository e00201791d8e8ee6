import type { HostCommand } from "../commands/host-command.ts";

/** A command on a device, from its first line to its end. */
export interface DeviceRun {
  readonly command: HostCommand;
  /** Resolves when the device is free for the next one, or gone. Never rejects. */
  readonly done: Promise<void>;
  /** Writes the end into the command. */
  tell(): void;
  /** Types what the agent answers. */
  type(text: string): void;
  /** Interrupts it; resolves when it is over, or soon after. */
  interrupt(): Promise<void>;
}

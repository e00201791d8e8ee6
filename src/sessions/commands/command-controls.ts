import type { OutputStream, StopSignal, TerminalChange, TerminalSize } from "../session-api.ts";
import type { HostCommand } from "./host-command.ts";

/** What a command needs of the shell that runs it. */
export interface CommandControls {
  /** Bytes of a spool file from `offset` on; fewer than `limit` at its end. Rejects with `output_gone`. */
  fetch(command: HostCommand, stream: OutputStream, offset: number, limit: number): Promise<Uint8Array>;
  input(command: HostCommand, text: string): Promise<void>;
  eof(command: HostCommand): Promise<void>;
  stop(command: HostCommand, signal: StopSignal): Promise<void>;
  /** Somebody waits for this command: the shell keeps the link alive meanwhile. The returned function ends that. */
  watch(command: HostCommand): () => void;
  waitsForInput(command: HostCommand): Promise<boolean>;
  /** Gives its terminal another size. */
  resize?(command: HostCommand, size: TerminalSize): Promise<TerminalChange>;
  /** The sizes that its terminal was given since it began. */
  sizes?(command: HostCommand): Promise<readonly TerminalChange[]>;
  /** See `CommandView.outOfReach`; undefined where that cannot be told. */
  outOfReach?(command: HostCommand): Promise<readonly number[]>;
  /** See `CommandView.confirmed`; undefined where a command goes to its host before anybody here knows of it. */
  confirm?(command: HostCommand, limitMs: number, signal: AbortSignal | undefined): Promise<boolean>;
  /** How long the host, which ends a command at its time limit by itself, may take for that; undefined where it does not. */
  readonly limitGraceMs?: number;
}

/** What a command begins with. */
export interface CommandFacts {
  readonly session: string;
  readonly number: number;
  readonly text: string;
  readonly epoch: number | "own";
  readonly startedAtMs: number;
  /** Its stdin was given with the call, so there is nothing to feed. */
  readonly stdinGiven: boolean;
  readonly terminal?: TerminalSize | undefined;
}

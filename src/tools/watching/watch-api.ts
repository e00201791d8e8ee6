import type { OutputStream } from "../../sessions/index.ts";
import type { WindowSize } from "./window-frames.ts";

/** What a person wants to watch, and how. */
export interface WatchRequest {
  /** A command's id, or a session or target: its newest running command, on a terminal if one is, else a login shell on a new terminal. */
  readonly on: string;
  /** Only where this process is attached to that session already. */
  readonly onlyHere: boolean;
  /** A login shell on a new terminal, whatever runs. */
  readonly fresh: boolean;
  /** The window of a person's terminal; undefined: there is none, and all bytes are wanted. */
  readonly window: WindowSize | undefined;
  /** How much of the output that there was is shown, of a command without a terminal, or without a window. */
  readonly tailBytes: number;
  /** Where to go on in the output, for whoever comes back; undefined: by `tailBytes`. */
  readonly from: { readonly stdout: number; readonly stderr: number } | undefined;
  /** Nothing is typed, and the terminal keeps its size. */
  readonly readOnly: boolean;
  /** Whoever has not typed for this long gives the floor back; undefined: never. */
  readonly giveBackMs: number | undefined;
}

/** What whoever watches hears. */
export type WatchNews =
  | { readonly kind: "frame"; readonly text: string }
  | { readonly kind: "output"; readonly stream: OutputStream; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "skipped"; readonly bytes: number }
  | { readonly kind: "floor"; readonly whose: "free" | "yours" | "another" }
  | { readonly kind: "said"; readonly text: string };

/** Takes news; resolves when there is room for more, and also when nobody listens any more. */
export type TellNews = (news: WatchNews) => Promise<void>;

/** A command that one person watches. */
export interface WatchedCommand {
  readonly id: string;
  readonly text: string;
  /** It runs on a terminal. */
  readonly onTerminal: boolean;
  /** It was started for this. */
  readonly fresh: boolean;
  readonly running: boolean;
  /** How it ended, in words; `running` before. */
  readonly ending: string;
  /** Undefined when it did not end by itself. */
  readonly exitStatus: number | undefined;
  /** Tells what comes, until the command has ended and all is told, or `signal` aborts. Rejects as reading output does. */
  follow(tell: TellNews, signal: AbortSignal): Promise<void>;
  /** Types, in the order of the calls, and takes the floor by that. Never rejects: what goes wrong is told. */
  type(text: string): Promise<void>;
  /** The end of its input. Never rejects. */
  eof(): Promise<void>;
  resize(window: WindowSize): void;
  /** Takes the floor, from another person too. */
  takeFloor(): void;
  giveFloor(): void;
  /** Gives the floor back, and the terminal its size. */
  close(): Promise<void>;
}

/** The way for people to watch commands and type into them. */
export interface Watching {
  /** Rejects with `bad_input`, `session_unknown`, `command_unknown`, and as opening a session and running a command does. */
  open(request: WatchRequest): Promise<WatchedCommand>;
}

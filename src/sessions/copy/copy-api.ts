import type { CommandView } from "../session-api.ts";

/** One end of a copy: a path on the host of a session or target, or (without `on`) on this machine. */
export interface CopyEnd {
  readonly on: string | undefined;
  readonly path: string;
}

/** Where paths of this machine may be: nothing outside of `roots` is read or written. */
export interface LocalGround {
  /** Where relative paths begin. */
  readonly directory: string;
  readonly roots: readonly string[];
}

export interface CopyRequest {
  readonly from: CopyEnd;
  readonly to: CopyEnd;
  readonly local: LocalGround;
  /** The user to read and write as on hosts, by sudo. */
  readonly sudo?: string;
  /** Directories are copied with all that is in them; default: they are refused. */
  readonly recursive?: boolean;
  /** False: parts that an earlier copy has left are not used, and what looks the same is copied again. */
  readonly resume?: boolean;
  /** Compare SHA-256 on both sides; sizes are compared always. */
  readonly verify?: boolean;
  /** Copy access lists and extended attributes (`user.`), too. */
  readonly xattrs?: boolean;
  /** Remove from the target directory what the source has not. */
  readonly delete?: boolean;
  /** Patterns with `*` and `?`: of names, or of paths below the source where they have a slash. */
  readonly exclude?: readonly string[];
}

/** What of a copy is done. Numbers of a tree grow while it is found. */
export interface CopyCounts {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly totalFiles: number;
  /** Files that were the same already. */
  readonly same: number;
  readonly removed: number;
  readonly failed: number;
  /** Bytes a second, of late. */
  readonly bytesPerS: number;
  readonly durationMs: number;
}

/** One thing that was not copied. */
export interface CopyFailure {
  readonly path: string;
  readonly why: string;
}

/** How a copy ended: all done, some of it not, or nothing more was done because of `error`. */
export interface CopyOutcome {
  /** What was copied, and where it is now. */
  readonly from: string;
  readonly to: string;
  readonly failures: readonly CopyFailure[];
  readonly notes: readonly string[];
  /** SHA-256 of a single file that was verified. */
  readonly sha256?: string;
  /** What ended it early, rendered. */
  readonly error?: unknown;
}

/** A copy that was started. It goes on, over as many connections as it takes, until it is done, fails or is stopped. */
export interface RunningCopy {
  readonly counts: CopyCounts;
  /** Undefined while it runs. */
  readonly outcome: CopyOutcome | undefined;
  /** Resolves when it has ended, `limitMs` has passed or `signal` aborts. Never rejects. */
  ended(limitMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * Gives it a command id: from then on its progress is the output of that command on the host, whoever stops the command stops the copy, and
   * another server goes on with it when this one dies. Rejects with `unsupported` where the host runs no commands.
   */
  hold(words: CopyWords): Promise<CommandView>;
  /** Ends it soon; what was copied stays. */
  stop(): void;
}

/** How a copy is told of in the output of its command. */
export interface CopyWords {
  progress(counts: CopyCounts): string;
  outcome(outcome: CopyOutcome, counts: CopyCounts): string;
}

/** Copies between hosts and this machine. */
export interface CopyDesk {
  /** Resolves when both ends are known to be there; `signal` aborts when nobody waits for that any more. Rejects with `bad_input`, `denied_by_policy`, `file_missing`, and as connecting does. */
  start(request: CopyRequest, signal?: AbortSignal): Promise<RunningCopy>;
  /** Goes on with the copies that have a command and whose process is gone. Rejects only when records cannot be read. */
  takeOver(words: CopyWords): Promise<void>;
}

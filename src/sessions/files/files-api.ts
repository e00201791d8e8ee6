/** Files of a session's host, as tools see them. Copying whole trees comes beside this, on the same two ways. */

/** What a host tells of a file. `mode` holds the type in its upper bits, as in `struct stat`. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly mode: number;
  /** Names, or numbers where the host names none. */
  readonly user: string;
  readonly group: string;
  readonly modifiedS: number;
}

export interface ReadFileRequest {
  /** Absolute, from `~` or `~user` on, or relative to the session's directory. */
  readonly path: string;
  /** First byte wanted; default 0. */
  readonly from?: number;
  /** The last lines instead, as far as `maxBytes` reaches. */
  readonly tailLines?: number;
  readonly maxBytes: number;
  /** The user to read it as, by sudo. */
  readonly sudo?: string | undefined;
  /** Aborts when nobody waits for it any more: a person is not asked for sudo's password then. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadFile {
  readonly kind: "file";
  /** Absolute, links followed. */
  readonly path: string;
  readonly facts: FileFacts;
  /** Where `bytes` begin. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** SHA-256 of the whole file (hexadecimal); undefined for files over 64 MiB. */
  readonly sha256: string | undefined;
}

export interface ListedFile {
  readonly name: string;
  /** Of a link, the link's own; undefined when it vanished meanwhile. */
  readonly facts: FileFacts | undefined;
  /** Where a link leads. */
  readonly target: string | undefined;
}

export interface ListedDirectory {
  readonly kind: "directory";
  readonly path: string;
  readonly facts: FileFacts;
  /** By name; at most 1,000. */
  readonly entries: readonly ListedFile[];
  /** There are more. */
  readonly more: boolean;
}

export interface WriteFileRequest {
  readonly path: string;
  readonly content: Uint8Array;
  /** `create` refuses what exists. */
  readonly mode: "replace" | "append" | "create";
  /** Permission bits; default: those of the old file, for a new one what the user's umask leaves. */
  readonly permissions?: number;
  /** `user`, `user:group` or `:group`. */
  readonly owner?: string;
  readonly makeDirectories?: boolean;
  /** The file must be this one (hexadecimal SHA-256), or nothing is written. */
  readonly expectSha256?: string;
  /** The user to write it as, by sudo. */
  readonly sudo?: string | undefined;
  /** Aborts when nobody waits for it any more: a person is not asked for sudo's password then. */
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenFile {
  readonly path: string;
  readonly facts: FileFacts;
  /** Of the whole file; undefined when the host could not say (after an append, without a program for it). */
  readonly sha256: string | undefined;
  /** There was none before. */
  readonly created: boolean;
  /** What could not be kept or done, in words. */
  readonly notes: readonly string[];
}

/** Rejects with `file_missing`, `file_denied`, `file_exists`, `file_changed`, `file_failed`, `unsupported`, `denied_by_policy`, and as connecting does. */
export interface HostFiles {
  /** Reading is repeated when the connection is lost meanwhile. */
  read(request: ReadFileRequest): Promise<ReadFile | ListedDirectory>;
  /**
   * Writes all or nothing: until the new content lies complete on the host, the old file is untouched, and then it is replaced in one step.
   * Of several writers that expect the same old file exactly one succeeds. When the connection is lost, what may be done twice is; an append
   * is not, and rejects with `connection_lost`.
   */
  write(request: WriteFileRequest): Promise<WrittenFile>;
}

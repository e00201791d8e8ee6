/** What a server tells of a file. `mode` holds the type in its upper bits, as in `struct stat`. */
export interface SftpFacts {
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedS: number;
}

/** One name in a directory, with what the server tells of it (of a link: of the link itself). */
export interface SftpEntry {
  readonly name: string;
  readonly facts: SftpFacts;
  /** The line that the server made of it, mostly as `ls -l` does: the only place where OpenSSH names owners in a listing. */
  readonly line: string;
}

/** Attributes to set; those that are left out stay. `uid` and `gid` go together. */
export interface SftpChange {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970, for access and change alike. */
  readonly modifiedS?: number;
  /** A longer file is cut, a shorter one filled with zeros. */
  readonly sizeBytes?: number;
}

/** A file that is open on the host. Calls may overlap; `close` it in every case. */
export interface SftpFile {
  /** Bytes from `offset` on, at most `lengthBytes` and at most one chunk; fewer are no sign of the end, none are. They lie in `target` where it is given. */
  read(offset: number, lengthBytes: number, target?: Buffer): Promise<Uint8Array>;
  /** Writes all of `bytes` (at most one chunk) at `offset`; a file opened to append ignores the offset. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  facts(): Promise<SftpFacts>;
  change(change: SftpChange): Promise<void>;
  /** Has the host write it to its disk; false where the server cannot be asked to (fsync@openssh.com). */
  sync(): Promise<boolean>;
  /** Never rejects but with what the server says about earlier writes. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * File transfer over one channel. Every request ends: with its answer, with `connection_lost` when channel or connection go, or with `timed_out`
 * when nothing at all came for a minute, which closes the channel. What the host refuses is `file_missing`, `file_denied`, `file_failed` or
 * `unsupported`.
 */
export interface SftpSession {
  /** The most that one request should carry, and how many of them to have on the way at once. */
  readonly chunkBytes: number;
  readonly inFlight: number;
  /** How many small files to have on the way at once. */
  readonly filesAtOnce: number;
  /** How many channels besides this one to write a large file over: far away the server's window holds up a single one. */
  readonly moreChannels: number;
  /** How far away the host is has been found out, by a `realPath` of any session of the connection, which also shows that somebody answers. */
  readonly measured: boolean;
  readonly closed: boolean;
  /** Follows links. */
  facts(path: string): Promise<SftpFacts>;
  linkFacts(path: string): Promise<SftpFacts>;
  linkTarget(path: string): Promise<string>;
  /** The absolute path without links and dots; `.` is where a login begins. */
  realPath(path: string): Promise<string>;
  /** The first `limit` entries without `.` and `..`, in the server's order; `more` when there are others. */
  list(path: string, limit: number): Promise<{ readonly entries: readonly SftpEntry[]; readonly more: boolean }>;
  /** `create` refuses what exists (O_EXCL), `append` and `update` make what is missing, with `mode`; `update` writes anywhere. */
  open(path: string, how: "read" | "create" | "append" | "update", mode?: number): Promise<SftpFile>;
  /** Renames in one step, over an existing file too (posix-rename@openssh.com). Rejects with `unsupported` where the server cannot. */
  replace(from: string, to: string): Promise<void>;
  /** Renames; rejects with `file_failed` when `to` exists. */
  rename(from: string, to: string): Promise<void>;
  change(path: string, change: SftpChange): Promise<void>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Makes a link at `path` that leads to `target`. */
  makeLink(path: string, target: string): Promise<void>;
  remove(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  close(): void;
}

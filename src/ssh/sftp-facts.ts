import type { Stats } from "ssh2";
import type { SftpFacts } from "./sftp-session.ts";

/** What a file's facts are in ssh2. */
export function factsOf(stats: Stats): SftpFacts {
  return { sizeBytes: stats.size, mode: stats.mode, uid: stats.uid, gid: stats.gid, modifiedS: stats.mtime };
}

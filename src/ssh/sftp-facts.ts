import type { InputAttributes, Stats } from "ssh2";
import type { SftpChange, SftpFacts } from "./sftp-session.ts";

/** What a file's facts are in ssh2. */
export function factsOf(stats: Stats): SftpFacts {
  return { sizeBytes: stats.size, mode: stats.mode, uid: stats.uid, gid: stats.gid, modifiedS: stats.mtime };
}

/** A change as ssh2 wants it. */
export function attributesOf({ mode, uid, gid, modifiedS, sizeBytes }: SftpChange): InputAttributes {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    ...(modifiedS === undefined ? {} : { atime: modifiedS, mtime: modifiedS }),
    ...(sizeBytes === undefined ? {} : { size: sizeBytes }),
  };
}

/** What may be expected of a server, by what it says it is. */
export interface ServerTraits {
  /** It bears an idle session channel. Others are not put to the test: some network devices allow one session only. */
  readonly spareChannel: boolean;
  /** It answers keepalive requests, so that one can be used to ask whether it has more to say. */
  readonly answersPings: boolean;
  /**
   * It may close a session on which nothing runs yet, without a word, and carry out a request that was on its way all the same; whoever
   * asks again on another one must bear that it was done twice.
   */
  readonly closesUnusedSessions: boolean;
  /**
   * So many bytes of a command's stdin may follow the request to run it without waiting for its answer, although no window was told yet.
   * Such a server also numbers its channels from 0, so that even the request need not wait for the first channel. 0: it must be waited for.
   */
  readonly bytesAhead: number;
  /** Longer commands end the whole connection. */
  readonly longestCommandBytes: number;
}

/**
 * OpenSSH breaks at about 256 KB. It tells a session's window when the command runs: 2 MiB since 2007, 128 KiB before. It takes the lowest
 * free number for a channel, and ends the connection when it is asked for something on a channel that is not there.
 */
const openSsh: ServerTraits = {
  spareChannel: true,
  answersPings: true,
  closesUnusedSessions: false,
  bytesAhead: 128 * 1024,
  longestCommandBytes: 100_000,
};

/** dropbear (2022.83) takes 9,000 bytes (MAX_CMD_LEN), and closes an unused session when a process of another one ends. */
const dropbear: ServerTraits = {
  spareChannel: false,
  answersPings: true,
  closesUnusedSessions: true,
  bytesAhead: 0,
  longestCommandBytes: 8900,
};

/** Every server must take packets of 32,768 bytes (RFC 4253 §6.1). */
const others: ServerTraits = {
  spareChannel: false,
  answersPings: false,
  closesUnusedSessions: false,
  bytesAhead: 0,
  longestCommandBytes: 32_000,
};

/** OpenSSH for Windows: a POSIX shell is not to be asked for before it is known what there is, and a program takes 32,767 characters. */
const openSshForWindows: ServerTraits = { ...openSsh, bytesAhead: 0, longestCommandBytes: 32_000 };

/** The traits that go with an identification string. */
export function traitsOf(identification: string): ServerTraits {
  if (identification.startsWith("SSH-2.0-OpenSSH_for_Windows")) return openSshForWindows;
  if (identification.startsWith("SSH-2.0-OpenSSH")) return openSsh;
  return /^SSH-2\.0-dropbear/i.test(identification) ? dropbear : others;
}

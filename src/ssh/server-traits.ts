/** What may be expected of a server, by what it says it is. */
export interface ServerTraits {
  /** It bears an idle session channel. Others are not put to the test: some network devices allow one session only. */
  readonly spareChannel: boolean;
  /** It answers keepalive requests, so that one can be used to ask whether it has more to say. */
  readonly answersPings: boolean;
  /**
   * It may close a session on which nothing runs yet, without a word. A request on it was not carried out then, so that
   * it is safe to ask again on another one.
   */
  readonly closesUnusedSessions: boolean;
  /** Longer commands end the whole connection. */
  readonly longestCommandBytes: number;
}

/** OpenSSH breaks at about 256 KB. */
const openSsh: ServerTraits = {
  spareChannel: true,
  answersPings: true,
  closesUnusedSessions: false,
  longestCommandBytes: 100_000,
};

/** dropbear takes 9,000 bytes (MAX_CMD_LEN), and closes an unused session when a process of another one ends. */
const dropbear: ServerTraits = {
  spareChannel: false,
  answersPings: true,
  closesUnusedSessions: true,
  longestCommandBytes: 8900,
};

/** Every server must take packets of 32,768 bytes (RFC 4253 §6.1). */
const others: ServerTraits = {
  spareChannel: false,
  answersPings: false,
  closesUnusedSessions: false,
  longestCommandBytes: 32_000,
};

/** The traits that go with an identification string. */
export function traitsOf(identification: string): ServerTraits {
  if (identification.startsWith("SSH-2.0-OpenSSH")) return openSsh;
  return /^SSH-2\.0-dropbear/i.test(identification) ? dropbear : others;
}

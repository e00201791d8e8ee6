import { HoldfastError, messageOf, oneLine } from "../base/index.ts";

/** SSH_FX_EOF (draft-ietf-secsh-filexfer-02 §7): the end of a file or directory is told as an error. */
const endOfFile = 1;

/** Longer messages of servers are cut. */
const longestMessage = 200;

const codes = {
  2: ["file_missing", "there is no such file or directory", "Check the path; ssh_file_read lists a directory"],
  3: ["file_denied", "permission denied", "Call it with sudo: true, or as a user who may"],
  8: ["unsupported", "the server cannot do that", "Use ssh_run instead"],
} as const;

/** Whether the server told the end with this error. */
export function isEndOfFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === endOfFile;
}

/** What a server answered, in our words: `file_missing`, `file_denied`, `unsupported` or `file_failed`. OpenSSH tells a full disk only as "Failure". */
export function sftpFailure(what: string, path: string, error: unknown): HoldfastError {
  const status = error instanceof Error && "code" in error ? error.code : undefined;
  const shown = oneLine(path, longestMessage);
  if (status === 2 || status === 3 || status === 8) {
    const [code, why, hint] = codes[status];
    return new HoldfastError(code, `${what} ${shown} failed: ${why}`, { hint, cause: error });
  }
  // What ssh2 says of all requests when the server's side of the channel ends.
  if (status === undefined && messageOf(error) === "No response from server") {
    return new HoldfastError("connection_lost", `${what} ${shown} was not answered: the channel was closed`, {
      hint: "Call again",
    });
  }
  const told = oneLine(messageOf(error), longestMessage);
  return new HoldfastError("file_failed", `${what} ${shown} failed: the host says ${JSON.stringify(told)}`, {
    hint: "Look at the place with ssh_run: df, ls -ld, mount",
    cause: error,
  });
}

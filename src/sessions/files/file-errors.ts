import { HoldfastError, oneLine } from "../../base/index.ts";
import type { ErrorCode } from "../../base/index.ts";

/** Room for a path or the host's words in a message. */
const longestText = 200;

interface Reading {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
}

const deniedHint = "Call it with sudo: true, or use a session of a user who may";
const roomHint = "Make room there (ssh_run: df -h, df -i, quota), then call again";

/** What hosts say in the C locale when a file cannot be read or written. */
const readings: readonly Reading[] = [
  { pattern: /Permission denied/i, code: "file_denied", why: "permission denied", hint: deniedHint },
  { pattern: /Operation not permitted/i, code: "file_denied", why: "the host does not permit it", hint: deniedHint },
  {
    pattern: /Read-only file system/i,
    code: "file_failed",
    why: "the file system is read-only",
    hint: "Write elsewhere",
  },
  { pattern: /No space left/i, code: "file_failed", why: "the disk is full", hint: roomHint },
  { pattern: /quota/i, code: "file_failed", why: "the user's quota is used up", hint: roomHint },
  {
    pattern: /File too large|size limit/i,
    code: "file_failed",
    why: "the file would be larger than the host allows",
    hint: roomHint,
  },
  { pattern: /name too long/i, code: "file_failed", why: "the name is too long", hint: "Use a shorter one" },
  {
    pattern: /Not a directory/i,
    code: "file_failed",
    why: "a part of the path is no directory",
    hint: "Correct the path",
  },
  { pattern: /symbolic link/i, code: "file_failed", why: "its links lead in a circle", hint: "Correct the link" },
  {
    pattern: /No such file|nonexistent/i,
    code: "file_missing",
    why: "there is no such file or directory",
    hint: "Check the path: ssh_file_read lists a directory, make_dirs makes those that are missing when writing",
  },
  {
    pattern: /invalid (user|group)|unknown (user|group)/i,
    code: "bad_input",
    why: "there is no such owner",
    hint: "Name a user and group of the host",
  },
];

/** The error for what the host said about `path`. `untouched`: what to add about the old file. */
export function saidByHost(path: string, said: string, untouched: string): HoldfastError {
  const shown = oneLine(path, longestText);
  const found = readings.find(({ pattern }) => pattern.test(said));
  if (found === undefined) {
    const words = JSON.stringify(oneLine(said, longestText));
    return new HoldfastError("file_failed", `${shown}: the host says ${words}${untouched}`, {
      hint: "Look at the place with ssh_run: df, ls -ld, mount",
    });
  }
  return new HoldfastError(found.code, `${shown}: ${found.why}${untouched}`, { hint: found.hint });
}

type Parts = readonly [code: ErrorCode, why: (detail: string) => string, hint: string];

/** What the scripts tell by a word of their own. */
const told: Readonly<Record<string, Parts>> = {
  dir: ["file_failed", () => "is a directory; nothing was written", "Name a file in it"],
  special: ["file_failed", () => "is no regular file", "Use ssh_run for devices, pipes and sockets"],
  exists: ["file_exists", () => "exists already; it was left as it is", 'Use mode "replace", or another path'],
  changed: [
    "file_changed",
    (sha) =>
      sha === ""
        ? "is not there any more; nothing was written"
        : `has changed: its sha256 is ${sha}; nothing was written`,
    "Read it again with ssh_file_read and decide anew",
  ],
  short: ["connection_lost", () => "did not arrive whole on the host; nothing was written", "Call again"],
  damaged: ["connection_lost", () => "arrived damaged on the host; nothing was written", "Call again"],
  owner: [
    "file_denied",
    (facts) => `belongs to ${ownerIn(facts)}, which could not be kept; nothing was written`,
    "Call it with sudo: true, or name the new owner in `owner`",
  ],
  half: [
    "file_failed",
    (said) => `was appended to, but not all was done (${said})`,
    "Look at its end with ssh_file_read",
  ],
  locked: [
    "file_failed",
    () => "is being written by others; nothing was written",
    "Call again; a lock that stays is the directory .holdfast-lock beside it",
  ],
  nohash: [
    "unsupported",
    () => "is too large to be compared: the host has no program for SHA-256; nothing was written",
    "Leave expect_sha256 out",
  ],
  nostat: ["unsupported", () => "cannot be looked at: the host has no stat program", "Use ssh_run"],
  user: [
    "bad_input",
    () => "begins with a user whom the host does not know",
    "Give the absolute path; a name with ~ goes as ./~name",
  ],
};

/** The error for a script's `fail` answer. */
export function toldByScript(path: string, word: string, detail: string, writing: boolean): HoldfastError {
  const parts = Object.hasOwn(told, word) ? told[word] : undefined;
  if (parts === undefined) return saidByHost(path, detail, writing ? "; nothing was written" : "");
  const [code, why, hint] = parts;
  return new HoldfastError(code, `${oneLine(path, longestText)} ${why(oneLine(detail, longestText))}`, { hint });
}

function ownerIn(facts: string): string {
  const [, , user = "?", group = "?"] = facts.split(" ");
  return `${user}:${group}`;
}

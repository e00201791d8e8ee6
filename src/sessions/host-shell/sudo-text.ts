import { HoldfastError, shellWord } from "../../base/index.ts";
import { checkedSudoUser } from "../sudo/sudo-user.ts";

/** Linux takes 128 KiB in one argument; the rest of the line needs a little. */
const longestArgumentBytes = 120 * 1024;

/** Words that mean themselves to every shell, separated by blanks. */
const plainWords = /^[ \t]*[\w@%+:,./-]+(?:[ \t]+[\w@%+=:,./-]+)*[ \t]*$/;

/** What only a shell can do: no program of that name is meant. */
const shellsOwn: ReadonlySet<string> = new Set(
  (
    ". : alias bg break case cd command continue declare do done echo elif else esac eval exec exit export fc fg fi for function " +
    "getopts hash help history if in jobs let local popd pushd read readonly return select set shift shopt source then time " +
    "times trap type typeset ulimit umask unalias unset until wait while"
  ).split(" "),
);

export interface SudoTextOptions {
  /** The user to run it as. */
  readonly user: string;
  /** The session can ask for a password: sudo is told to, where the host has what it takes. */
  readonly asks: boolean;
}

/**
 * The shell text that runs `command` as another user: a plain program directly, so that rules of sudo that name programs hold, all else in
 * a shell of the session's kind. Throws `bad_input` for what is no user, `too_large` for what fits no argument.
 */
export function sudoText(command: string, { user, asks }: SudoTextOptions): string {
  if (Buffer.byteLength(command) > longestArgumentBytes) {
    throw new HoldfastError("too_large", `a command with sudo is at most ${longestArgumentBytes / 1024} KiB`, {
      hint: "Write it to a file on the host and run the file",
    });
  }
  const sudo = [
    "sudo",
    ...(asks ? ["${SUDO_ASKPASS:+-A}"] : []),
    ...(checkedSudoUser(user) === "root" ? [] : ["-u", shellWord(user)]),
  ];
  return [...sudo, "--", isProgram(command) ? command.trim() : inShell(command, asks)].join(" ");
}

function isProgram(command: string): boolean {
  return plainWords.test(command) && !shellsOwn.has(command.trim().split(/[ \t]/)[0] ?? "");
}

function inShell(command: string, ofSession: boolean): string {
  const shell = ofSession ? '"${BASH:-$(if [ -n "$ZSH_VERSION" ]; then echo zsh; else echo sh; fi)}"' : "sh";
  return `${shell} -c ${shellWord(command)}`;
}

import { HoldfastError } from "../base/index.ts";

/** Text larger than this (4 MiB) is data, not a command line. */
const longestCommandBytes = 4_194_304;

/** What is fed to stdin in one call is at most this long (8 MiB). */
const longestInputBytes = 8_388_608;

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const controlCharacter = /[\u0000-\u001F\u007F-\u009F]/;

/** Letters, digits and `._-`: a session name appears in ids, file names and command lines. */
const sessionName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

/** PATH_MAX of Linux, the longest of the systems in use. */
const longestPath = 4_096;

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `command` if a shell can be given it. Throws `bad_input` or `too_large`. */
export function checkedCommand(command: string): string {
  if (command.trim() === "") {
    throw new HoldfastError("bad_input", "the command is empty; nothing was run", {
      hint: "Pass the shell text in `command`",
    });
  }
  if (command.includes("\u0000")) {
    throw new HoldfastError(
      "bad_input",
      "the command holds a NUL character, which no shell can take; nothing was run",
      {
        hint: String.raw`Write it as an escape, for example printf '\0', or feed it through stdin`,
      },
    );
  }
  refuseLonger(
    "command",
    command,
    longestCommandBytes,
    "Write the text to a file on the host first, or feed it through stdin",
  );
  return command;
}

/** `text` if it fits into one call. Throws `too_large`. */
export function checkedInput(text: string): string {
  refuseLonger("input", text, longestInputBytes, "Send it in several calls");
  return text;
}

/** `name` if a session can be called so. Throws `bad_input`. */
export function checkedSessionName(name: string): string {
  if (sessionName.test(name)) return name;
  throw new HoldfastError("bad_input", `${JSON.stringify(name.slice(0, 80))} is no name for a session`, {
    hint: "Use letters, digits, dot, dash and underscore, at most 64, not starting with a dot or dash",
  });
}

/** `text` if it can name a target or session. Throws `bad_input`. */
export function checkedTarget(text: string): string {
  if (
    text.trim() !== "" &&
    text.length <= 300 &&
    !text.startsWith("-") &&
    !controlCharacter.test(text) &&
    !text.includes("/")
  ) {
    return text;
  }
  throw new HoldfastError("bad_input", `${JSON.stringify(text.slice(0, 80))} names no session or target`, {
    hint: 'Use a session name, an alias or user@host:port. ssh_list {"what":"targets"} shows the aliases',
  });
}

/** `path` if it can be a working directory. Throws `bad_input`. */
export function checkedDirectory(path: string): string {
  if (path !== "" && path.length <= longestPath && !path.includes("\u0000")) return path;
  throw new HoldfastError("bad_input", `${JSON.stringify(path.slice(0, 80))} is no working directory`, {
    hint: "Pass a path in cwd, without NUL characters, or leave cwd out",
  });
}

/** `env` if all names are names of shell variables and no value holds a NUL. Throws `bad_input`. */
export function checkedEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(env)) {
    if (environmentName.test(name) && !value.includes("\u0000")) continue;
    throw new HoldfastError("bad_input", `${JSON.stringify(name.slice(0, 60))} cannot be set in the environment`, {
      hint: "Names have letters, digits and underscore and do not start with a digit; values hold no NUL",
    });
  }
  return env;
}

function refuseLonger(what: string, text: string, limitBytes: number, hint: string): void {
  const size = Buffer.byteLength(text);
  if (size > limitBytes) {
    throw new HoldfastError("too_large", `the ${what} has ${size} bytes; at most ${limitBytes} are taken`, { hint });
  }
}

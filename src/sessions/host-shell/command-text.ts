import { HoldfastError, shellWord } from "../../base/index.ts";
import type { OpenRequest, RunRequest } from "../session-api.ts";

/** Commands travel through a POSIX shell's `read`, byte by byte: beyond this it takes seconds. Larger texts belong in a file. */
const longestCommandBytes = 4 * 1024 * 1024;

/**
 * The text that the session shell sources. With `cwd` or `env` it is a subshell, so that both hold for this command only.
 * Throws `bad_input` for what cannot be a shell text.
 */
export function commandText(request: RunRequest): string {
  const { command, cwd, env } = request;
  if (command.includes("\0")) {
    throw new HoldfastError("bad_input", "the command holds a NUL byte, which no shell can take", {
      hint: String.raw`Write it as an escape that the program expands, for example printf 'a\0b'`,
    });
  }
  if (Buffer.byteLength(command) > longestCommandBytes) {
    throw new HoldfastError("too_large", `the command is longer than ${longestCommandBytes / 1024 / 1024} MiB`, {
      hint: "Write it to a file on the host and run the file",
    });
  }
  if (cwd === undefined && (env === undefined || Object.keys(env).length === 0)) return command;
  const lines = ["("];
  if (cwd !== undefined) lines.push(`cd -- ${directoryWord(cwd)} || exit`);
  for (const [name, value] of Object.entries(env ?? {})) lines.push(exportLine(name, value));
  return [...lines, command, ")"].join("\n");
}

/** What a new session's shell does first: its directory and environment; "" when nothing is asked for. */
export function startText(request: Pick<OpenRequest, "cwd" | "env">): string {
  const lines = Object.entries(request.env ?? {}).map(([name, value]) => exportLine(name, value));
  if (request.cwd !== undefined) lines.push(`cd -- ${directoryWord(request.cwd)}`);
  return lines.join("\n");
}

/** `~` and `~user` at the beginning are the shell's to expand; the rest is quoted. */
function directoryWord(path: string): string {
  const home = /^~[A-Za-z0-9_.-]*(?=\/|$)/.exec(path)?.[0] ?? "";
  const rest = path.slice(home.length);
  return rest === "" ? home : `${home}${shellWord(rest)}`;
}

function exportLine(name: string, value: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new HoldfastError("bad_input", `"${name}" is no name of an environment variable`, {
      hint: "Use letters, digits and _",
    });
  }
  return `export ${name}=${shellWord(value)}`;
}

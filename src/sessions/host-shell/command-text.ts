import { HoldfastError, shellWord } from "../../base/index.ts";
import type { OpenRequest, RunRequest } from "../session-api.ts";
import { sudoText } from "./sudo-text.ts";

/** Commands travel through a POSIX shell's `read`, byte by byte: beyond this it takes seconds. Larger texts belong in a file. */
const longestCommandBytes = 4 * 1024 * 1024;

/**
 * The text that the session shell sources. With `cwd` or `env` it is a subshell, so that both hold for this command only. `asks`: the shell
 * has what sudo needs to ask for a password. Throws `bad_input` for what cannot be a shell text, `too_large`.
 */
export function commandText(request: RunRequest, asks = false): string {
  const { command, sudo } = request;
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
  if (sudo === undefined) return inSubshell(request, command);
  // The other user's shell goes there, and has the variables; the caller's home is for the caller's shell to name.
  const { cwd, env } = request;
  const [outside, inside] = cwd?.startsWith("~") === true ? [{ cwd }, { env }] : [{}, { cwd, env }];
  return inSubshell(outside, sudoText([...preparing(inside), command].join("\n"), { user: sudo, asks }));
}

interface Surroundings {
  readonly cwd?: RunRequest["cwd"] | undefined;
  readonly env?: RunRequest["env"] | undefined;
}

function inSubshell(surroundings: Surroundings, text: string): string {
  const lines = preparing(surroundings);
  return lines.length === 0 ? text : ["(", ...lines, text, ")"].join("\n");
}

function preparing({ cwd, env }: Surroundings): readonly string[] {
  const exports = Object.entries(env ?? {}).map(([name, value]) => exportLine(name, value));
  return cwd === undefined ? exports : [`cd -- ${directoryWord(cwd)} || exit`, ...exports];
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

import { HoldfastError } from "../../base/index.ts";
import type { RunRequest } from "../session-api.ts";

/** Lines of one call, at most: each is waited for. */
const mostLines = 2_000;

/** What is typed on a device's command line: one line for each line of the command. Throws `bad_input`, `too_large` and `unsupported`. */
export function deviceLines(request: RunRequest, longestLine: number): readonly string[] {
  refuseOther(request);
  const lines = request.command.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  while (lines.length > 1 && lines.at(-1) === "") lines.pop();
  while (lines.length > 1 && lines[0] === "") lines.shift();
  if (lines.length > mostLines) {
    throw new HoldfastError("too_large", `the command has ${lines.length} lines; nothing was sent`, {
      hint: `Send at most ${mostLines} at a time`,
    });
  }
  for (const [at, line] of lines.entries()) checkLine(line, at, longestLine);
  return lines;
}

function checkLine(line: string, at: number, longestLine: number): void {
  // oxlint-disable-next-line no-control-regex -- control characters are keys there
  if (/[\u0000-\u0008\u000B-\u001F\u007F]/.test(line)) {
    throw new HoldfastError(
      "bad_input",
      `line ${at + 1} holds a control character, which is a key there; nothing was sent`,
      {
        hint: "Leave it out; ssh_input types keys into a command that asks for them",
      },
    );
  }
  if (line.length > longestLine) {
    throw new HoldfastError("too_large", `line ${at + 1} has ${line.length} characters; nothing was sent`, {
      hint: `A line of this platform takes at most ${longestLine}`,
    });
  }
}

/** What a command line of a device does not have. */
function refuseOther({ sudo, stdin, terminal, cwd, env }: RunRequest): void {
  const asked = { sudo, stdin, pty: terminal, cwd, env };
  const [name] = Object.entries(asked).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new HoldfastError("unsupported", `a network device's command line has no ${name}; nothing was sent`, {
    hint: `Leave ${name} out`,
  });
}

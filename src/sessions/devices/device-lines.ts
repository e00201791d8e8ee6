import { HoldfastError } from "../../base/index.ts";
import { typedLines, type Platform, type TypedLine } from "../../devices/index.ts";
import type { RunRequest } from "../session-api.ts";

/** Lines of one call, at most: each is waited for. */
const mostLines = 2_000;

/** What is typed on a device's command line: one line for each line of the command, and blocks whole. Throws `bad_input`, `too_large` and `unsupported`. */
export function deviceLines(request: RunRequest, platform: Platform): readonly TypedLine[] {
  refuseOther(request);
  const lines = request.command.split(/\r\n|\r|\n/);
  while (lines.length > 1 && lines.at(-1)?.trim() === "") lines.pop();
  while (lines.length > 1 && lines[0]?.trim() === "") lines.shift();
  if (lines.length > mostLines) {
    throw new HoldfastError("too_large", `the command has ${lines.length} lines; nothing was sent`, {
      hint: `Send at most ${mostLines} at a time`,
    });
  }
  const typed = typedLines(platform, lines);
  for (const { number, text, rest } of typed) {
    checkLine(text, number, platform.longestLine, keys);
    for (const [at, line] of rest.entries()) checkLine(line, number + 1 + at, platform.longestLine, keysInBlock);
  }
  return typed;
}

// oxlint-disable-next-line no-control-regex -- control characters are keys there
const keys = /[\u0000-\u0008\u000B-\u001F\u007F]/;

/** In a block, what ends it is among what is sent as it is: Ctrl-C, Ctrl-D, Ctrl-Z. */
// oxlint-disable-next-line no-control-regex -- control characters are keys there
const keysInBlock = /[\u0000-\u0002\u0005-\u0008\u000B-\u0019\u001B-\u001F\u007F]/;

function checkLine(line: string, number: number, longestLine: number, refused: RegExp): void {
  if (refused.test(line)) {
    throw new HoldfastError(
      "bad_input",
      `line ${number} holds a control character, which is a key there; nothing was sent`,
      {
        hint: "Leave it out; ssh_input types keys into a command that asks for them",
      },
    );
  }
  if (line.length > longestLine) {
    throw new HoldfastError("too_large", `line ${number} has ${line.length} characters; nothing was sent`, {
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

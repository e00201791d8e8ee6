import { HoldfastError } from "../../base/index.ts";
import type { RunRequest } from "../session-api.ts";

/** Throws for what cannot be run there: `unsupported` for sudo, `bad_input` for what no shell takes. */
export function refuseForWindows({ command, sudo, cwd, env = {} }: RunRequest): void {
  if (sudo !== undefined) {
    throw new HoldfastError("unsupported", "Windows has no sudo that could be used over SSH; nothing was run", {
      hint: "Open a session as a user who is an administrator: over SSH, such a user has those rights",
    });
  }
  const nul = [command, cwd ?? "", ...Object.entries(env).flat()].some((text) => text.includes("\0"));
  if (nul) {
    throw new HoldfastError(
      "bad_input",
      "the command holds a NUL character, which no shell can take; nothing was run",
      {
        hint: "Feed it through stdin",
      },
    );
  }
  const odd = Object.entries(env).find(([name, value]) => !/^[A-Za-z_]\w*$/.test(name) || /[\r\n]/.test(value));
  if (odd === undefined) return;
  throw new HoldfastError("bad_input", `the variable ${odd[0]} cannot be set there; nothing was run`, {
    hint: "Names have letters, digits and _, and values one line",
  });
}

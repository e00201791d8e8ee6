import { HoldfastError } from "../base/index.ts";
import type { CopyEnd } from "../sessions/index.ts";
import { checkedPath } from "./checked-file.ts";
import { checkedTarget } from "./checked-text.ts";

/** `host:path` as scp takes it: a colon before any slash; a port and IPv6 in brackets may come before it. */
const remote = /^((?:[^/:@[\]\s]+@)?(?:\[[^\]/]+\]|[^/:[\]]+)(?::\d{1,5}(?=:))?):([^]*)$/;

/** One end of a copy: `web1:/var/log/app.log`, `user@host:22:notes`, or a path of this machine. Throws `bad_input`. */
export function copyEnd(text: string): CopyEnd {
  const [, on, path] = remote.exec(text) ?? [];
  if (on === undefined || path === undefined || /^[.~]/.test(text)) return { on: undefined, path: checkedPath(text) };
  if (path === "") {
    throw new HoldfastError("bad_input", `${JSON.stringify(text.slice(0, 80))} names no path; nothing was copied`, {
      hint: `Say where, for example ${on}:./ for the session's directory`,
    });
  }
  return { on: checkedTarget(on), path: checkedPath(path) };
}

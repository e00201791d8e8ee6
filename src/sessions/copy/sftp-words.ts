import { HoldfastError, oneLine } from "../../base/index.ts";
import type { SftpFacts } from "../../ssh/index.ts";
import { isType } from "../files/sftp-way.ts";
import { isUtf8, shownPath, type BytePath, type SideFacts } from "./copy-side.ts";

/** Text for ssh2, which sends it as UTF-8. Throws `unsupported` for a name that is none. */
export function sftpPath(path: BytePath): string {
  const text = shownPath(path);
  if (isUtf8(path)) return text;
  throw new HoldfastError("unsupported", `${oneLine(text, 300)} is no UTF-8, which SFTP cannot name here`, {
    hint: "Rename it, or pack it with tar",
  });
}

/** What a copy needs to know of what a server has told. */
export function sftpFacts(facts: SftpFacts): SideFacts {
  const { sizeBytes, mode, modifiedS } = facts;
  const kind = (["directory", "link"] as const).find((type) => isType(facts, type));
  return { kind: kind ?? (isType(facts, "regular") ? "file" : "other"), sizeBytes, mode: mode & 0o7777, modifiedS };
}

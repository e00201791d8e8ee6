import { oneLine } from "../base/index.ts";
import type { FileFacts } from "../sessions/index.ts";

/** Room for a path in the first line. */
const longestPath = 1_000;

const typeLetters: Readonly<Record<number, string>> = {
  0o140_000: "s",
  0o120_000: "l",
  0o100_000: "-",
  0o060_000: "b",
  0o040_000: "d",
  0o020_000: "c",
  0o010_000: "p",
};

/** Type and permissions as `ls -l` shows them: `-rw-r--r--`. */
function modeText(mode: number): string {
  const special = [
    [0o4000, "s"],
    [0o2000, "s"],
    [0o1000, "t"],
  ] as const;
  const triples = special.map(([bit, letter], at) => {
    const three = (mode >> (6 - 3 * at)) & 7;
    const runs = (three & 1) !== 0;
    const last = (mode & bit) === 0 ? (runs ? "x" : "-") : runs ? letter : letter.toUpperCase();
    return `${(three & 4) === 0 ? "-" : "r"}${(three & 2) === 0 ? "-" : "w"}${last}`;
  });
  return `${typeLetters[mode & 0o170_000] ?? "?"}${triples.join("")}`;
}

/** `-rw-r--r-- root root`. */
export function standingText({ mode, user, group }: FileFacts): string {
  return `${modeText(mode)} ${oneLine(user, 64)} ${oneLine(group, 64)}`;
}

/** `web1:/etc/nginx/nginx.conf`. */
export function filePlace(session: string, path: string): string {
  return `${session}:${oneLine(path, longestPath)}`;
}

/** `sha256 2c26b4…`, or that there is none. */
export function hashText(sha256: string | undefined): string {
  return sha256 === undefined ? "sha256 not computed" : `sha256 ${sha256}`;
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileExists } from "../base/index.ts";

/** Files that one pattern may stand for; more are a mistake. */
const mostFiles = 10_000;

/** The files that an absolute pattern with `*`, `?` and `[...]` stands for, in the order of their bytes; none when there is none. */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  let found: readonly string[] = ["/"];
  for (const part of pattern.split("/").filter((one) => one !== "")) {
    const lists = await Promise.all(found.map((directory) => namesIn(directory, part)));
    found = lists.flat().slice(0, mostFiles);
  }
  return found;
}

async function namesIn(directory: string, part: string): Promise<readonly string[]> {
  if (!/[*?[]/.test(part)) return (await fileExists(join(directory, part))) ? [join(directory, part)] : [];
  const wanted = matcherOf(part);
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => (!name.startsWith(".") || part.startsWith(".")) && wanted.test(name))
    .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map((name) => join(directory, name));
}

function matcherOf(part: string): RegExp {
  const source = part.replaceAll(
    /\[(!?)(\]?[^\]]*)\]|[*?]|[.+^${}()|\\[\]]/g,
    (whole: string, not: string | undefined, set: string | undefined) => {
      if (whole === "*") return ".*";
      if (whole === "?") return ".";
      if (set === undefined || set === "") return `\\${whole}`;
      return `[${not === "!" ? "^" : ""}${set.replaceAll(/[\\\]^]/g, String.raw`\$&`)}]`;
    },
  );
  return new RegExp(`^${source}$`, "s");
}

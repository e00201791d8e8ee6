import { matchesWildcard } from "../../base/index.ts";
import { shownPath, type BytePath } from "./copy-side.ts";

/** A test of whether something below the source is left out: `path` is what leads to it from there. */
export function excluder(patterns: readonly string[]): (path: BytePath, isDirectory: boolean) => boolean {
  const rules = patterns.map((pattern) => {
    const onlyDirectories = pattern.endsWith("/");
    const text = pattern.replace(/\/+$/, "").replace(/^\.?\//, "");
    return { onlyDirectories, text, whole: text.includes("/") || /^\.?\//.test(pattern) };
  });
  return (path, isDirectory) => {
    const shown = shownPath(path);
    const name = shown.slice(shown.lastIndexOf("/") + 1);
    return rules.some(
      ({ onlyDirectories, text, whole }) =>
        (isDirectory || !onlyDirectories) && matchesWildcard(text, whole ? shown : name),
    );
  };
}

import { HoldfastError, oneLine } from "../../base/index.ts";
import type { CopyRequest } from "./copy-api.ts";
import { copyFile, stopped, type CopyContext } from "./copy-file.ts";
import {
  isPlainName,
  joinPath,
  shownPath,
  splitPath,
  type BytePath,
  type CopySide,
  type SideFacts,
} from "./copy-side.ts";
import { TreeCopy } from "./copy-tree.ts";
import { excluder } from "./exclude.ts";

/** Where a copy begins and ends, as its sides know it. */
export interface CopyPaths {
  readonly from: BytePath;
  readonly to: BytePath;
  readonly facts: SideFacts;
  readonly old: SideFacts | undefined;
  /** It is known that the directory is there which it goes into. */
  readonly inDirectory: boolean;
}

/**
 * What `request` names on both sides. Below a target that ends with a slash, and for a file also below one that is a directory, it gets the
 * name of its source; a source that ends with a slash is what is in it. Rejects with `file_missing` and `bad_input`.
 */
export async function findPaths(request: CopyRequest, source: CopySide, target: CopySide): Promise<CopyPaths> {
  const [{ path: from, facts }, place] = await Promise.all([
    source.find(request.from.path),
    target.find(request.to.path),
  ]);
  const { path: wanted, facts: there } = place;
  const shown = oneLine(request.from.path, 300);
  checkSource(facts, request, shown);
  const slash = /\/\.?$/.test(request.to.path);
  const contents = facts.kind === "directory" && /\/\.?$/.test(request.from.path);
  const into = facts.kind === "directory" ? slash && !contents : slash || there?.kind === "directory";
  if (!into) return { from, to: wanted, facts, old: there, inDirectory: place.inDirectory };
  const to = joinPath(wanted, ownName(from, shown));
  return { from, to, facts, old: await target.facts(to), inDirectory: there?.kind === "directory" };
}

/** Throws what is wrong with the source. */
function checkSource(facts: SideFacts | undefined, request: CopyRequest, shown: string): asserts facts is SideFacts {
  if (facts === undefined || facts.kind === "link") {
    const hint = /[*?[]/.test(request.from.path)
      ? "Patterns are not expanded: copy the directory, with exclude for what is not wanted, or name each file"
      : "Check the path";
    throw new HoldfastError("file_missing", `${shown}: there is no such file or directory`, { hint });
  }
  if (facts.kind === "directory" && request.recursive !== true) {
    throw new HoldfastError("bad_input", `${shown} is a directory; nothing was copied`, {
      hint: "Say recursive: true to copy it with all that is in it",
    });
  }
  if (facts.kind === "other") {
    throw new HoldfastError("file_failed", `${shown} is no file, directory or link`, { hint: "Read it with ssh_run" });
  }
}

/** The last name of a path. The host has told it: one that leads elsewhere is refused. */
function ownName(path: BytePath, shown: string): BytePath {
  const { name } = splitPath(path);
  if (isPlainName(name)) return name;
  throw new HoldfastError("bad_input", `${shown} has no name of its own; nothing was copied`, {
    hint: "Say in `to` what it is to be called",
  });
}

/** Copies all of it once. Rejects with what stops it; what else fails is in the tally. */
export async function copyOnce(
  paths: CopyPaths,
  request: CopyRequest,
  context: CopyContext,
): Promise<string | undefined> {
  if (context.signal.aborted) throw stopped();
  const { tally, target } = context;
  if (paths.old === undefined && !paths.inDirectory) await makeParents(target, splitPath(paths.to).parent);
  if (paths.facts.kind === "file") {
    tally.totalFiles = 1;
    tally.totalBytes = paths.facts.sizeBytes;
    return copyFile(paths, context);
  }
  if (paths.old === undefined) await target.makeDirectory(paths.to, 0o700);
  else if (paths.old.kind !== "directory") {
    throw noDirectory(paths.to);
  }
  const options = { delete: request.delete === true, excluded: excluder(request.exclude ?? []) };
  await new TreeCopy(context, paths, options).run(paths.facts);
  return undefined;
}

function noDirectory(path: BytePath): HoldfastError {
  return new HoldfastError("file_failed", `${oneLine(shownPath(path), 300)} is there and is no directory`, {
    hint: "Remove it first, or name another place",
  });
}

async function makeParents(target: CopySide, path: BytePath): Promise<void> {
  const facts = await target.facts(path);
  if (facts !== undefined && facts.kind !== "directory") throw noDirectory(path);
  if (facts !== undefined || path === "/") return;
  await makeParents(target, splitPath(path).parent);
  await target.makeDirectory(path, 0o777);
}

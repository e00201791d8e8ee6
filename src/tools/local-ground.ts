import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { copyRoots } from "../config/index.ts";
import type { LocalGround } from "../sessions/index.ts";

/** What a face tells of the machine that its caller works on. */
export interface CallerGround {
  /** Its working directory. */
  readonly directory: string;
  /** Where it may read and write; default: there and in the temporary directory. */
  readonly roots?: readonly string[];
}

/**
 * Where copies may read and write on this machine: what HOLDFAST_COPY_ROOTS says, else the caller's working directory and the temporary
 * directory. The root of the file system is never one by default: a server may just have been started there.
 */
export function localGround(caller: CallerGround | undefined): LocalGround {
  const directory = resolve(caller?.directory ?? process.cwd());
  const named = caller?.roots ?? copyRoots();
  const roots = named ?? [directory, tmpdir()].filter((root) => root !== "/");
  return { directory, roots: roots.map((root) => resolve(directory, root)) };
}

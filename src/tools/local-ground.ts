import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { copyRoots } from "../config/index.ts";
import type { LocalGround } from "../sessions/index.ts";

/** What a face tells of the machine that its caller works on. */
export interface CallerGround {
  /** Its working directory. */
  readonly directory: string;
  /** Where it may read and write; default: what the settings say, or the client, or there and in the temporary directory. */
  readonly roots?: readonly string[];
}

/** The directories of this machine that the client of a call says its person has opened to it; undefined where it does not say. Never rejects. */
export type ClientRoots = () => Promise<readonly string[] | undefined>;

/**
 * Where copies may read and write on this machine: what HOLDFAST_COPY_ROOTS says, else the client's roots, else the caller's working directory and the
 * temporary directory. The root of the file system is never one by default: a server may just have been started there.
 */
export async function localGround(
  caller: CallerGround | undefined,
  clientRoots: ClientRoots | undefined,
): Promise<LocalGround> {
  const directory = resolve(caller?.directory ?? process.cwd());
  const named = caller?.roots ?? copyRoots() ?? (await clientRoots?.());
  const roots = named ?? [directory, tmpdir()].filter((root) => root !== "/");
  return { directory, roots: roots.map((root) => resolve(directory, root)) };
}

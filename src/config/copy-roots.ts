import { delimiter } from "node:path";
import { variable, type Environment } from "./environment.ts";

/** The directories of this machine that copies may use (HOLDFAST_COPY_ROOTS, separated like PATH); undefined where nothing is said. */
export function copyRoots(env: Environment = process.env): readonly string[] | undefined {
  const roots = variable(env, "HOLDFAST_COPY_ROOTS")
    ?.split(delimiter)
    .filter((root) => root !== "");
  return roots === undefined || roots.length === 0 ? undefined : roots;
}

import { HoldfastError } from "../base/index.ts";

/** Throws `unsupported` for the first of `args` that is set: a parameter that cannot be honoured yet is refused, never ignored. */
export function refuseUnsupported(tool: string, args: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(args)) {
    if (isUnset(value)) continue;
    throw new HoldfastError("unsupported", `${tool} cannot honour "${name}" in this version; nothing was done`, {
      hint: `Call it without ${name}`,
    });
  }
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

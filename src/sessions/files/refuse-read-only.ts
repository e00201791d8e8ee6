import { HoldfastError } from "../../base/index.ts";
import type { Target } from "../../config/index.ts";

/** Rejects with `denied_by_policy` when the settings say that files of the session's target are not to be written. */
export async function refuseReadOnly(session: string, resolving: Promise<Target>): Promise<void> {
  const target = await resolving;
  if (!target.readOnly) return;
  throw new HoldfastError(
    "denied_by_policy",
    `nothing was written: ${session} is read_only (${target.origins["readOnly"] ?? "settings"})`,
    { hint: "Ask the person you work for, or find another way" },
  );
}

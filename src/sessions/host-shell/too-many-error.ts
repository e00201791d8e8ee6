import { HoldfastError } from "../../base/index.ts";

/** A session runs as many commands as it may. */
export function tooManyError(session: string, limit: number): HoldfastError {
  return new HoldfastError("limit_reached", `${limit} commands run in ${session} already`, {
    hint: "Wait for some of them, stop some with ssh_stop, or open another session with ssh_open",
  });
}

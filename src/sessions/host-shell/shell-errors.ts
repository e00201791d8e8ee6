import { HoldfastError } from "../../base/index.ts";

/** A session runs as many commands as it may. */
export function tooManyError(session: string, limit: number): HoldfastError {
  return new HoldfastError("limit_reached", `${limit} commands run in ${session} already`, {
    hint: "Wait for some of them, stop some with ssh_stop, or open another session with ssh_open",
  });
}

/** The host does not say that it ends a session. */
export function quitError(session: string): HoldfastError {
  return new HoldfastError("timed_out", `the host did not answer when ${session} was to be closed`, {
    hint: "Call again; the session ends by itself when nobody uses it",
  });
}

/** A number that no command of the session has had. */
export function neverRunError(session: string, number: number, newest: number): HoldfastError {
  return new HoldfastError("command_unknown", `${session}/${number} was never run`, {
    hint: `The newest is ${session}/${newest}; see ssh_list {"what":"commands"}`,
  });
}

import { HoldfastError } from "../../base/index.ts";

/** What may have killed a session, in words for whoever looks after the host. */
const killers: Readonly<Record<string, string>> = {
  logind:
    "if this happens whenever the last login to the host ends, its systemd-logind kills what a login leaves behind (KillUserProcesses=yes), and `loginctl enable-linger` there, run once as this user, prevents that",
  all: "if this happens again, see whether the host's container was restarted, or the host kills what a login leaves behind (KillUserProcesses in logind.conf, which `loginctl enable-linger` prevents)",
};

/** The error for a session that the host says is gone: `gone`, `rebooted`, or `dead` and what is known of how it was killed. */
export function lostSession(reason: string, killer: string): HoldfastError {
  if (reason === "gone") {
    return new HoldfastError(
      "session_unknown",
      "the session is not on the host any more: it was closed, or it expired unused",
      { hint: "Open a new session", details: { reason } },
    );
  }
  const why = reason === "dead" ? killers[killer] : undefined;
  return new HoldfastError("session_lost", messageOf(reason, killer), {
    hint: why === undefined ? "Open a new session" : `Open a new session; ${why}`,
    details: { reason },
  });
}

function messageOf(reason: string, killer: string): string {
  if (reason === "rebooted") return "the host rebooted";
  if (reason !== "dead") return `the host says: ${reason}`;
  const killed = "its processes on the host were killed";
  return killer === "restart" ? `${killed}: the host's container was restarted` : killed;
}

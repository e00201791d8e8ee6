import type { SshConnection, X11Settings } from "../../ssh/index.ts";
import type { AskingParty } from "../sudo/asking-party.ts";
import type { AskDialog } from "../sudo/secret-question.ts";
import { showDialog } from "./show-dialog.ts";

/** Where the host's own ssh-askpass is started. */
interface DialogHost {
  connect(): Promise<SshConnection>;
  /** The session's directory on its host. */
  directory(): string;
}

/** Shows texts by the host's own ssh-askpass on a display that is there for as long as it takes; `party` is told why there was none. Never rejects. */
export function showForCommand(
  host: DialogHost,
  party: Pick<AskingParty, "note"> | undefined,
): (display: X11Settings, ...shown: Parameters<AskDialog>) => ReturnType<AskDialog> {
  return async (display, text, signal) => {
    const request = { display, text, directory: host.directory(), connect: () => host.connect() };
    const outcome = await showDialog(request, signal);
    if (typeof outcome === "string" || "typed" in outcome) return outcome;
    party?.note(`no dialog by X11: ${outcome.failed}`);
    return "failed";
  };
}

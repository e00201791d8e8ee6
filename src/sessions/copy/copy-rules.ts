import type { Config, Target } from "../../config/index.ts";
import { refuseReadOnly } from "../files/refuse-read-only.ts";
import type { CopyHost } from "./open-side.ts";

/** What the settings say of writing to the target of a session. */
export function copyRules(
  session: string,
  config: Config,
  target: () => Promise<Target>,
): Pick<CopyHost, "refuseWrites" | "directPlace"> {
  return {
    refuseWrites: () => refuseReadOnly(session, target()),
    directPlace: async () => {
      if (!(await config.rules()).directCopies) return undefined;
      const { user, host, port, jump, proxyCommand } = await target();
      return jump.length > 0 || proxyCommand !== undefined ? undefined : { user, host, port };
    },
  };
}

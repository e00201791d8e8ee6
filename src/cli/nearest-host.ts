import type { OpenToolHost } from "../tools/index.ts";
import { daemonPlace, daemonWanted } from "../shim/index.ts";
import type { CliServices } from "./cli-services.ts";

/** The daemon's tools if one runs, so that its connections are used; else tools in this process. */
export async function openNearestHost(services: CliServices): Promise<OpenToolHost> {
  if (!daemonWanted()) return services.openHost();
  const { openDaemonHost } = await import("../daemon/index.ts");
  return (await openDaemonHost(daemonPlace())) ?? services.openHost();
}

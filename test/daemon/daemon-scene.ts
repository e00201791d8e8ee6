import { randomHex } from "../../src/base/index.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import { stopDaemon } from "../helpers/daemon.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

/** A host, a place of its own for a daemon, and clients that share it. */
export interface DaemonScene {
  readonly host: TestServer;
  readonly place: PrivatePlace;
  /** Starts a client of the daemon; it is stopped at the end. */
  client(program?: string): Promise<Holdfast>;
}

/** Sets a scene; at the end its session is closed on the host and its daemon stopped. */
export async function daemonScene(cleanup: Cleanup): Promise<DaemonScene> {
  const host = await startOpenSsh({ alias: `box${randomHex(4)}` });
  cleanup.add(() => host.stop());
  const place = await createPrivatePlace(host.sshConfigFile);
  cleanup.add(() => place.remove());
  cleanup.add(() => closeSession(place, host.alias));
  cleanup.add(() => stopDaemon(place));
  return {
    host,
    place,
    client: async (program) => {
      const client = await Holdfast.start(place, { daemon: true, ...(program === undefined ? {} : { program }) });
      cleanup.add(() => client.stop());
      return client;
    },
  };
}

async function closeSession(place: PrivatePlace, session: string): Promise<void> {
  const holdfast = await Holdfast.start(place);
  try {
    await holdfast.call("ssh_close", { session, force: true });
  } finally {
    await holdfast.stop();
  }
}

import { Terminal } from "../approvals/terminal.ts";
import { daemonScene, type DaemonScene } from "../daemon/daemon-scene.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf } from "../helpers/daemon.ts";
import { builtServer, type Holdfast } from "../helpers/holdfast.ts";

/** An agent and people at the same host, through one daemon. */
export interface AttachScene extends DaemonScene {
  readonly agent: Holdfast;
  readonly on: string;
  /** A person's own terminal with `holdfast attach` in it. */
  readonly person: (...words: readonly string[]) => Terminal;
}

/** Sets the scene. */
export async function attachScene(cleanup: Cleanup): Promise<AttachScene> {
  const scene = await daemonScene(cleanup);
  const agent = await scene.client();
  return {
    ...scene,
    agent,
    on: scene.host.alias,
    person: (...words) => {
      const terminal = new Terminal([process.execPath, builtServer, "attach", ...words], environmentOf(scene.place));
      cleanup.add(() => terminal.close());
      return terminal;
    },
  };
}

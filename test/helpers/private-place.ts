import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepDaemonLog, veilPlace } from "./veil-audit.ts";

/** Directories of one user's Holdfast, apart from those of whoever runs the tests. Several servers may share one. */
export interface PrivatePlace {
  readonly root: string;
  /** Environment that makes a server use this place and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** Makes a place whose targets come from `sshConfigFile` alone. */
export async function createPrivatePlace(sshConfigFile: string): Promise<PrivatePlace> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  veilPlace(join(root, "config"));
  return {
    root,
    env: {
      HOLDFAST_STATE_DIR: join(root, "state"),
      HOLDFAST_CONFIG_DIR: join(root, "config"),
      HOLDFAST_SSH_CONFIG: sshConfigFile,
      XDG_RUNTIME_DIR: join(root, "run"),
    },
    remove: () => {
      keepDaemonLog(root);
      return rm(root, { recursive: true, force: true });
    },
  };
}

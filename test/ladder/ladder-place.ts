import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monotonicMs } from "../../src/base/index.ts";
import type { SessionBook } from "../../src/sessions/index.ts";
import type { DocumentStore } from "../../src/store/index.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import { leftovers, sweepLeftovers } from "../helpers/leftovers.ts";
import { openBook } from "../helpers/open-book.ts";
import {
  createLoginUser,
  makeTempDir,
  startOpenSsh,
  waitUntil,
  type LoginUser,
  type TestServer,
} from "../helpers/servers/index.ts";

export interface LadderPlace {
  readonly book: SessionBook;
  /** The records of its sessions. */
  readonly store: DocumentStore;
  readonly server: TestServer;
  /** Undefined: the user who runs the tests. */
  readonly user: LoginUser | undefined;
}

export interface LadderHost {
  /** Path of the login shell; default bash. */
  readonly shell?: string;
  readonly config?: readonly string[];
  /** False: no file transfer but what `config` names. */
  readonly sftp?: boolean;
  /** Files of the home directory. */
  readonly home?: Readonly<Record<string, string>>;
  /** Log in as the user who runs the tests. */
  readonly asRoot?: boolean;
}

/** A user on an sshd of their own, and a book that knows it as `box`. */
export async function ladderPlace(cleanup: Cleanup, host: LadderHost = {}): Promise<LadderPlace> {
  const user = host.asRoot === true ? undefined : await loginUser(cleanup, host);
  const server = await startOpenSsh({
    ...(user === undefined ? {} : { loginUser: user }),
    ...(host.config === undefined ? {} : { config: host.config }),
    ...(host.sftp === undefined ? {} : { sftp: host.sftp }),
  });
  cleanup.add(() => server.stop());
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  return { book: place.book, store: place.store, server, user };
}

async function loginUser(cleanup: Cleanup, host: LadderHost): Promise<LoginUser> {
  const user = await createLoginUser({ shellPath: host.shell ?? "/bin/bash" });
  cleanup.add(() => {
    user.remove();
    sweepLeftovers(user);
  });
  for (const [name, text] of Object.entries(host.home ?? {})) writeFileSync(join(user.home, name), text);
  return user;
}

/** An executable script in a place that everybody can read, for login shells and forced commands. */
export function script(cleanup: Cleanup, text: string): string {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  chmodSync(directory.path, 0o755);
  const file = join(directory.path, "hf-script");
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** Waits until nothing of the user's is left: processes are given the time that the host needs to notice. */
export async function untilNothingIsLeft(user: LoginUser): Promise<void> {
  const deadline = monotonicMs() + 20_000;
  await waitUntil("nothing is left", () => leftovers(user).length === 0 || monotonicMs() > deadline);
  const left = leftovers(user);
  if (left.length > 0) throw new Error(`left on the host: ${left.join("; ")}`);
}

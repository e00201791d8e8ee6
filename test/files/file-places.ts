import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { busyboxHost, busyboxRoot } from "../ladder/odd-hosts.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook } from "../helpers/open-book.ts";
import {
  canMakeUsers,
  createLoginUser,
  makeTempDir,
  startDropbear,
  startOpenSsh,
  type TestServer,
} from "../helpers/servers/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { createToolHost } from "../../src/tools/index.ts";
import { parseReply, type Reply } from "../helpers/reply.ts";

interface LocalPlaces {
  readonly directory: string;
  readonly roots: readonly string[];
}

/** A session on a real server, with a directory for files. */
export interface FilePlace {
  readonly server: TestServer;
  readonly session: SessionView;
  /** As the host sees it, and as this machine does: the host may live in a root directory of its own. */
  readonly directory: string;
  readonly local: string;
  /** `local`: where copies may go on this machine, if not where a server's may. */
  call(tool: string, args: Record<string, unknown>, local?: LocalPlaces): Promise<Reply>;
  remove(): Promise<void>;
}

/** Kinds of hosts: with file transfer or without, with much software or little. */
export const fileHosts = {
  "OpenSSH with SFTP": async () => openFilePlace(() => startOpenSsh()),
  "OpenSSH without SFTP": async () => openFilePlace(() => startOpenSsh({ sftp: false })),
  "OpenSSH whose sftp-server is missing": async () =>
    openFilePlace(() => startOpenSsh({ sftp: false, config: ["Subsystem sftp /nonexistent/sftp-server"] })),
  ...(canMakeUsers && existsSync("/usr/lib/sftp-server")
    ? { "dropbear with sftp-server": async () => openFilePlace(() => startDropbear(), "home") }
    : {}),
  ...(canMakeUsers ? { "a host with little but busybox": openBusyboxPlace } : {}),
} satisfies Record<string, () => Promise<FilePlace>>;

/** Opens the session `box` on a server; its files lie in a directory of their own, or in the user's home. */
async function openFilePlace(
  start: () => Promise<TestServer>,
  where: "own" | "home" = "own",
  cleanup = new Cleanup(),
): Promise<FilePlace> {
  const server = await start();
  cleanup.add(() => server.stop());
  const temporary = makeTempDir();
  cleanup.add(() => {
    temporary.remove();
  });
  chmodSync(temporary.path, 0o711);
  const local = where === "home" ? (server.loginUser?.home ?? temporary.path) : temporary.path;
  return openSession(server, { directory: local, local, cleanup });
}

/** A user who may do nothing special, with files in a directory that others can enter. */
export async function openUserPlace({ sftp }: { readonly sftp: boolean }): Promise<FilePlace> {
  const cleanup = new Cleanup();
  const user = await createLoginUser();
  cleanup.add(() => {
    user.remove();
  });
  return openFilePlace(() => startOpenSsh({ loginUser: user, sftp }), "own", cleanup);
}

/** A user who may use sudo without a password, and files in a directory of root's that only root can enter. */
export async function openSudoPlace(): Promise<FilePlace> {
  const cleanup = new Cleanup();
  const user = await createLoginUser();
  cleanup.add(() => {
    user.remove();
  });
  const rule = `/etc/sudoers.d/${user.name}`;
  writeFileSync(rule, `${user.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
  cleanup.add(() => {
    rmSync(rule, { force: true });
  });
  const server = await startOpenSsh({ loginUser: user });
  cleanup.add(() => server.stop());
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  return openSession(server, { directory: directory.path, local: directory.path, cleanup });
}

async function openBusyboxPlace(): Promise<FilePlace> {
  const cleanup = new Cleanup();
  const root = busyboxRoot(cleanup);
  if (root === undefined) throw new Error("no root directory for busybox");
  const server = await startOpenSsh({ config: [`ForceCommand ${busyboxHost(cleanup, root)}`] });
  cleanup.add(() => server.stop());
  return openSession(server, { directory: "/root", local: `${root}/root`, cleanup });
}

async function openSession(
  server: TestServer,
  parts: { readonly directory: string; readonly local: string; readonly cleanup: Cleanup },
): Promise<FilePlace> {
  const { cleanup } = parts;
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const session = await place.book.open({ target: server.alias });
  cleanup.add(() => place.book.close(session.name));
  const host = createToolHost({ sessions: place.book });
  return {
    server,
    session,
    ...parts,
    call: async (name, args, ground) => {
      const { signal } = new AbortController();
      const reply = await host.call({
        name,
        args: name.startsWith("ssh_file") ? { on: session.name, ...args } : args,
        client: "test 1",
        signal,
        ...(ground === undefined ? {} : { local: ground }),
      });
      return parseReply(reply.text, reply.isError);
    },
    remove: () => cleanup.run(),
  };
}

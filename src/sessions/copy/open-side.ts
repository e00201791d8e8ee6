import { HoldfastError, asHoldfastError } from "../../base/index.ts";
import type { SftpSession, SshConnection } from "../../ssh/index.ts";
import type { CommandView } from "../session-api.ts";
import { asUser } from "../sudo/as-user.ts";
import type { Elevation } from "../sudo/elevation.ts";
import type { CopyEnd, LocalGround } from "./copy-api.ts";
import { AnyNameSide } from "./any-name-side.ts";
import type { CopySide } from "./copy-side.ts";
import type { DirectPlace } from "./direct-way.ts";
import { LocalSide } from "./local-side.ts";
import { SftpSide } from "./sftp-side.ts";
import { ShellSide } from "./shell-side.ts";

/** What a copy needs of a session. */
export interface CopyHost {
  readonly name: string;
  /** Known to the session's servers only: names of temporary files are made with it. */
  readonly secret: string;
  /** It is a Windows host: it has no POSIX shell, and its paths have drives. */
  readonly windows: boolean;
  connect(): Promise<SshConnection>;
  directory(): Promise<string | undefined>;
  /** What runs programs as another user there. Rejects as attaching to the session does. */
  elevation(): Promise<Elevation>;
  refuseWrites(): Promise<void>;
  /** Where other hosts may send files to it directly; undefined where that is not allowed or they would have to go a way of ours. Rejects with `config_invalid`. */
  directPlace(): Promise<DirectPlace | undefined>;
  /** A command that stands for a copy: it prints what it is fed behind `>`, and ends with the status behind `exit`. Rejects as running does. */
  stand(text: string): Promise<CommandView>;
}

interface Opening {
  readonly end: CopyEnd;
  /** Undefined for this machine. */
  readonly host: CopyHost | undefined;
  readonly local: LocalGround;
  /** The user to work as on a host. */
  readonly sudo: string | undefined;
  /** Aborts when nobody waits for it: then no person is asked for a password. */
  readonly signal: AbortSignal;
}

/** Opens one end of a copy; of a host, SFTP where there is some, else scripts in its shell. Rejects as connecting does, and as sudo refuses it. */
export async function openSide({ end, host, local, sudo, signal }: Opening): Promise<CopySide> {
  if (host === undefined) return new LocalSide(local);
  const { path } = end;
  const own = await host.connect();
  const directory = /^[/~]/.test(path) && !host.windows ? "" : ((await host.directory()) ?? "");
  if (/^~[^/]/.test(path)) {
    throw new HoldfastError("bad_input", `${path} begins with another user's home; nothing was copied`, {
      hint: "Give the absolute path; a name with ~ goes as ./~name",
    });
  }
  if (host.windows) return windowsSide(own, sudo, directory);
  const elevation = sudo === undefined ? undefined : await host.elevation();
  const connection =
    sudo === undefined || elevation === undefined ? own : asUser(own, { elevation, user: sudo, path, signal });
  const sftp = await sftpOf(connection);
  const shell = new ShellSide(connection, directory);
  return sftp === undefined ? shell : new AnyNameSide(new SftpSide({ connection, sftp, directory }), shell);
}

async function windowsSide(connection: SshConnection, sudo: string | undefined, directory: string): Promise<CopySide> {
  if (sudo !== undefined) throw new HoldfastError("unsupported", "a Windows host has no sudo; nothing was copied");
  const sftp = await sftpOf(connection);
  if (sftp !== undefined) return new SftpSide({ connection, sftp, directory });
  throw new HoldfastError("unsupported", "the Windows host has no file transfer; nothing was copied", {
    hint: "Have the Subsystem sftp switched on in its sshd_config",
  });
}

/** Connections whose server has no file transfer: asking again would cost a round trip each time. */
const without = new WeakSet<SshConnection>();

/** Undefined where there is none, or a server that only opens the channel. */
async function sftpOf(connection: SshConnection): Promise<SftpSession | undefined> {
  if (without.has(connection)) return undefined;
  try {
    return await openSftp(connection);
  } catch (error) {
    const { code } = asHoldfastError(error);
    if (connection.closed || code === "file_denied" || code === "cancelled") throw error;
    if (code !== "limit_reached") without.add(connection);
    return undefined;
  }
}

async function openSftp(connection: SshConnection): Promise<SftpSession> {
  const sftp = await connection.sftp();
  // Tells how far away the host is, and whether anything answers.
  if (!sftp.measured) await sftp.realPath(".");
  return sftp;
}

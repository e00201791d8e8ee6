import { HoldfastError, asHoldfastError } from "../../base/index.ts";
import type { SftpSession, SshConnection } from "../../ssh/index.ts";
import type { CommandView } from "../session-api.ts";
import type { CopyEnd, LocalGround } from "./copy-api.ts";
import { AnyNameSide } from "./any-name-side.ts";
import type { CopySide } from "./copy-side.ts";
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
  refuseWrites(): Promise<void>;
  /** A command that stands for a copy: it prints what it is fed behind `>`, and ends with the status behind `exit`. Rejects as running does. */
  stand(text: string): Promise<CommandView>;
}

/** Opens one end of a copy; of a host, SFTP where there is some, else scripts in its shell. */
export async function openSide({ path }: CopyEnd, host: CopyHost | undefined, local: LocalGround): Promise<CopySide> {
  if (host === undefined) return new LocalSide(local);
  const connection = await host.connect();
  const directory = /^[/~]/.test(path) && !host.windows ? "" : ((await host.directory()) ?? "");
  if (/^~[^/]/.test(path)) {
    throw new HoldfastError("bad_input", `${path} begins with another user's home; nothing was copied`, {
      hint: "Give the absolute path; a name with ~ goes as ./~name",
    });
  }
  const sftp = await sftpOf(connection);
  if (host.windows) return windowsSide(connection, sftp, directory);
  const shell = new ShellSide(connection, directory);
  return sftp === undefined ? shell : new AnyNameSide(new SftpSide({ connection, sftp, directory }), shell);
}

function windowsSide(connection: SshConnection, sftp: SftpSession | undefined, directory: string): CopySide {
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
    if (connection.closed) throw error;
    if (asHoldfastError(error).code !== "limit_reached") without.add(connection);
    return undefined;
  }
}

async function openSftp(connection: SshConnection): Promise<SftpSession> {
  const sftp = await connection.sftp();
  // Tells how far away the host is, and whether anything answers.
  if (!sftp.measured) await sftp.realPath(".");
  return sftp;
}

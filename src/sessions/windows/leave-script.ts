import { HoldfastError } from "../../base/index.ts";
import { writeInOrder, type SshConnection } from "../../ssh/index.ts";
import type { ScriptFile } from "./windows-line.ts";
import { windowsPath } from "./windows-path.ts";

/** A script that lies on the host. */
export interface LeftScript {
  /** As Windows writes it. */
  readonly path: string;
  /** Deletes it, if it can. Never throws. */
  remove(): void;
}

/** Writes a script into the login's home over SFTP. Rejects with `unsupported` where the host has no file transfer, and as writing does. */
export async function leaveScript(connection: SshConnection, file: ScriptFile, mark: string): Promise<LeftScript> {
  const sftp = await connection.sftp().catch((error: unknown) => {
    throw new HoldfastError("unsupported", "the command needs a script on the host, which has no file transfer", {
      hint: "Run a text of one line, shorter than 8,000 characters, its quotes and parentheses closed",
      cause: error,
    });
  });
  try {
    const home = await sftp.realPath(".");
    const path = `${home.replace(/\/$/, "")}/.holdfast-${mark}${file.ending}`;
    const written = await sftp.open(path, "create", 0o600);
    try {
      await writeInOrder(written, Buffer.from(file.content), 0, sftp);
    } finally {
      await written.close();
    }
    const remove = async (): Promise<void> => {
      const again = await connection.sftp();
      await again.remove(path).catch(() => undefined);
      again.close();
    };
    return {
      path: windowsPath(path),
      remove: () => {
        remove().catch(() => undefined);
      },
    };
  } finally {
    sftp.close();
  }
}

import type { SshConnection } from "../../ssh/index.ts";
import { runCopyScript } from "./copy-script.ts";
import type { BytePath } from "./copy-side.ts";

/** SHA-256 of a file's first bytes, made on its host; undefined where that cannot be. */
export async function hashByShell(
  connection: SshConnection,
  path: BytePath,
  lengthBytes: number,
): Promise<string | undefined> {
  const answer = await runCopyScript(connection, {
    script: "hash",
    path,
    variables: { P: path, LEN: lengthBytes },
  }).catch(() => undefined);
  const word = answer?.toString("latin1");
  return word !== undefined && /^[0-9a-f]{64}$/.test(word) ? word : undefined;
}

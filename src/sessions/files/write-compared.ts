import { createHash } from "node:crypto";
import { HoldfastError } from "../../base/index.ts";
import { toldByScript } from "./file-errors.ts";
import type { WriteFileRequest, WrittenFile } from "./files-api.ts";
import { comparedBytes } from "./file-limits.ts";
import { noShell, type FilePlace } from "./script-run.ts";
import { noHash, readByShell, writeByShell } from "./shell-way.ts";

/**
 * Writes on a host without a program for SHA-256 what expects an old file: that is read and hashed here, and its content goes out with the new
 * one, so that the script compares both under its lock. Rejects with `unsupported` for files over 8 MiB.
 */
export async function writeCompared(place: FilePlace, request: WriteFileRequest): Promise<WrittenFile> {
  const { path, sudo, signal, expectSha256 } = request;
  const old = await readByShell(place, { path, maxBytes: comparedBytes + 1, sudo, signal });
  if (old === noShell || old.kind === "directory") throw toldByScript(path, "changed", "", true);
  if (old.bytes.length > comparedBytes) throw toldByScript(path, "nohash", "", true);
  const sha256 = createHash("sha256").update(old.bytes).digest("hex");
  if (sha256 !== expectSha256) throw toldByScript(path, "changed", sha256, true);
  const written = await writeByShell(place, { ...request, expectContent: old.bytes });
  if (written !== noShell && written !== noHash) return written;
  throw new HoldfastError("internal", "a host has lost its shell, or hashes what it was not to");
}

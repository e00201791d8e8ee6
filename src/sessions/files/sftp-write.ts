import { createHash } from "node:crypto";
import { HoldfastError, asHoldfastError, oneLine, randomHex } from "../../base/index.ts";
import { writeInOrder, type SftpFacts, type SftpSession } from "../../ssh/index.ts";
import { isWindowsPath } from "../windows/windows-path.ts";
import { toldByScript } from "./file-errors.ts";
import type { WriteFileRequest, WrittenFile } from "./files-api.ts";
import { SftpLock } from "./sftp-lock.ts";
import { absolutePath, hashBySftp, isType, plainFacts } from "./sftp-way.ts";

/** A temporary file of a writer that is not at work any more: none takes longer by far. */
const leftAfterS = 900;

/** Entries of a directory among which such files are looked for. */
const searchedEntries = 2_000;

const stagedName = /^\.holdfast-sftp-[0-9a-f]{24}$/;

const permissionBits = 0o7777;

/**
 * Writes over SFTP alone, for hosts without a shell: a temporary file in the same directory, written whole, then renamed over the old one
 * under the same lock as the scripts take. What SFTP cannot do is `unsupported`: appending in one piece, owners by name, a new file in one
 * step where the server cannot rename over files.
 */
export async function writeBySftp(
  sftp: SftpSession,
  request: WriteFileRequest,
  directory: string,
  patience: { readonly deadAfterMs?: number } = {},
): Promise<WrittenFile> {
  refuseBeyond(request);
  const asked = await absolutePath(sftp, request.path, directory);
  const path = await sftp.realPath(asked).catch(() => asked);
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  const beside = (name: string): string => `${parent === "/" ? "" : parent}/${name}`;
  const old = await existing(sftp, path);
  refuseKind(request, old);
  if (request.makeDirectories === true && old === undefined) await makeDirectories(sftp, parent);
  const staged = beside(`.holdfast-sftp-${randomHex(12)}`);
  try {
    await stage(sftp, staged, request, old);
    const lock = await SftpLock.take(sftp, { path: beside(".holdfast-lock"), asked: request.path, ...patience });
    try {
      await compare(sftp, path, request);
      await lock.confirm();
      if (request.mode === "create") await sftp.rename(staged, path);
      else await sftp.replace(staged, path);
    } finally {
      await lock.release();
    }
  } catch (error) {
    await sftp.remove(staged).catch(() => undefined);
    throw error;
  }
  const facts = await sftp.facts(path);
  await sweep(sftp, parent, facts.modifiedS).catch(() => undefined);
  const sha256 = createHash("sha256").update(request.content).digest("hex");
  const notes = old === undefined ? [] : ["an access list or extended attributes, if it had any, were not kept"];
  return { path, facts: plainFacts(facts), sha256, created: old === undefined, notes };
}

function refuseBeyond({ path, mode, owner, sudo }: WriteFileRequest): void {
  const what =
    mode === "append" ? "append" : sudo !== undefined ? "use sudo" : owner === undefined ? undefined : "set owners";
  if (what === undefined) return;
  throw new HoldfastError(
    "unsupported",
    `${oneLine(path, 200)}: the host has no shell, and SFTP alone cannot ${what}`,
    {
      hint: "Replace the file as a whole, by a user who may",
    },
  );
}

function refuseKind({ path, mode }: WriteFileRequest, old: SftpFacts | undefined): void {
  if (old === undefined) return;
  if (isType(old, "directory")) throw toldByScript(path, "dir", "", true);
  if (!isType(old, "regular")) throw toldByScript(path, "special", "", true);
  if (mode === "create") throw toldByScript(path, "exists", "", true);
}

async function existing(sftp: SftpSession, path: string): Promise<SftpFacts | undefined> {
  try {
    return await sftp.facts(path);
  } catch (error) {
    if (asHoldfastError(error).code === "file_missing") return undefined;
    throw error;
  }
}

async function makeDirectories(sftp: SftpSession, path: string): Promise<void> {
  if (path === "/" || (await existing(sftp, path)) !== undefined) return;
  await makeDirectories(sftp, path.slice(0, path.lastIndexOf("/")) || "/");
  await sftp.makeDirectory(path, 0o777).catch(async (error: unknown) => {
    if ((await existing(sftp, path)) === undefined) throw error;
  });
}

async function stage(
  sftp: SftpSession,
  staged: string,
  request: WriteFileRequest,
  old: SftpFacts | undefined,
): Promise<void> {
  const file = await sftp.open(
    staged,
    "create",
    old === undefined && request.permissions === undefined ? newMode(staged) : 0o600,
  );
  try {
    await writeInOrder(file, request.content, 0, sftp);
    const mine = await file.facts();
    if (mine.sizeBytes !== request.content.length) throw toldByScript(request.path, "short", "", true);
    if (old !== undefined && (old.uid !== mine.uid || old.gid !== mine.gid)) {
      await file.change({ uid: old.uid, gid: old.gid }).catch(() => {
        throw toldByScript(request.path, "owner", `- - ${old.uid} ${old.gid}`, true);
      });
    }
    const mode = request.permissions ?? (old === undefined ? undefined : old.mode & permissionBits);
    if (mode !== undefined) await file.change({ mode });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of a new file. A POSIX host takes from it what the user's umask says; Windows makes an access list of it, in which 0666 lets everyone write. */
function newMode(path: string): number {
  return isWindowsPath(path.slice(1)) ? 0o644 : 0o666;
}

/** Removes what writers have left that were cut off, by the host's clock. */
async function sweep(sftp: SftpSession, directory: string, nowS: number): Promise<void> {
  const { entries } = await sftp.list(directory, searchedEntries);
  const left = entries.filter(
    ({ name, facts }) => stagedName.test(name) && isType(facts, "regular") && nowS - facts.modifiedS > leftAfterS,
  );
  await Promise.all(left.map(({ name }) => sftp.remove(`${directory === "/" ? "" : directory}/${name}`)));
}

async function compare(
  sftp: SftpSession,
  path: string,
  { path: asked, expectSha256 }: WriteFileRequest,
): Promise<void> {
  if (expectSha256 === undefined) return;
  if ((await existing(sftp, path)) === undefined) throw toldByScript(asked, "changed", "", true);
  const sha = await hashBySftp(sftp, path);
  if (sha !== expectSha256) throw toldByScript(asked, "changed", sha ?? "unknown", true);
}

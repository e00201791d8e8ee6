import { asHoldfastError } from "../../base/index.ts";
import type { SftpSession } from "../../ssh/index.ts";
import { joinPath, splitPath, toBytePath, type BytePath, type FoundPlace, type SideFacts } from "./copy-side.ts";
import { sftpFacts, sftpPath } from "./sftp-words.ts";

/** What a host told of a path. */
interface Look {
  /** Without links; undefined where there is nothing. */
  readonly real: BytePath | undefined;
  /** Of what it leads to, links followed. */
  readonly facts: SideFacts | undefined;
}

/**
 * Where an absolute path leads, and what is there, in one round trip where it or its directory is there: all questions go out together. realpath of
 * OpenSSH takes a last name that is not there, of others not even that: what is missing is kept as it is.
 */
export async function findOverSftp(sftp: SftpSession, path: BytePath): Promise<FoundPlace> {
  const { parent, name } = splitPath(path);
  const [place, own, above] = await Promise.allSettled([
    look(sftp, path),
    sftp.linkFacts(sftpPath(path)),
    path === "/" ? Promise.resolve({ real: undefined, facts: undefined }) : look(sftp, parent),
  ]);
  if (place.status === "rejected") throw place.reason;
  const { real, facts } = place.value;
  if (real !== undefined) return { path: real, facts, inDirectory: true };
  if (above.status === "rejected") throw above.reason;
  // A link that leads nowhere is there all the same.
  const link = own.status === "fulfilled" ? sftpFacts(own.value) : undefined;
  const directory = above.value.real ?? (await realOf(sftp, parent));
  return { path: joinPath(directory, name), facts: link, inDirectory: above.value.facts?.kind === "directory" };
}

async function realOf(sftp: SftpSession, path: BytePath): Promise<BytePath> {
  const missing: BytePath[] = [];
  for (let at = path; ; at = splitPath(at).parent) {
    const { real } = await look(sftp, at);
    if (real !== undefined) return missing.reduceRight(joinPath, real);
    missing.push(splitPath(at).name);
  }
}

async function look(sftp: SftpSession, path: BytePath): Promise<Look> {
  const [there, found] = await Promise.allSettled([sftp.facts(sftpPath(path)), sftp.realPath(sftpPath(path))]);
  if (there.status === "fulfilled") {
    if (found.status === "rejected") throw found.reason;
    return { real: toBytePath(found.value), facts: sftpFacts(there.value) };
  }
  if (path === "/" || asHoldfastError(there.reason).code !== "file_missing") throw there.reason;
  return { real: undefined, facts: undefined };
}

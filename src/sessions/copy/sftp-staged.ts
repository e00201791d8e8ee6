import { HoldfastError, asHoldfastError, oneLine } from "../../base/index.ts";
import type { SftpFile, SftpSession } from "../../ssh/index.ts";
import { isType } from "../files/sftp-way.ts";
import type { SideFacts, StagedFile } from "./copy-side.ts";
import { isZero } from "./is-zero.ts";
import { WriteLanes } from "./write-lanes.ts";

const permissionBits = 0o1777;

/** Shows whether mode and time can be set, which not every file system can; what is written afterwards changes the time again. */
const probe = { mode: 0o600, modifiedS: 0 };
const yes = (): boolean => true;
const no = (): boolean => false;

interface Place {
  readonly path: string;
  readonly staged: string;
  sha256(lengthBytes: number): Promise<string>;
  /** More channels to the host for a large file. */
  lanes(): readonly Promise<SftpSession>[];
}

/** Opens the temporary file for a file of a host. */
export async function stageOverSftp(sftp: SftpSession, place: Place, fresh: boolean): Promise<StagedFile> {
  // Mostly there is nothing: to look first would cost every file a round trip.
  let refused: unknown;
  const made = await sftp.open(place.staged, "create").catch((error: unknown) => {
    if (asHoldfastError(error).code !== "file_failed") throw error;
    refused = error;
  });
  if (made !== undefined) return new SftpStaged(sftp, place, { file: made, heldBytes: 0 });
  // An earlier copy may have left it.
  const old = fresh ? undefined : await sftp.linkFacts(place.staged).catch(() => undefined);
  if (old !== undefined && isType(old, "regular")) {
    return new SftpStaged(sftp, place, { file: await sftp.open(place.staged, "update"), heldBytes: old.sizeBytes });
  }
  await sftp.remove(place.staged).catch(() => {
    throw refused;
  });
  return new SftpStaged(sftp, place, { file: await sftp.open(place.staged, "create"), heldBytes: 0 });
}

class SftpStaged implements StagedFile {
  readonly heldBytes: number;
  readonly #sftp: SftpSession;
  readonly #place: Place;
  readonly #file: SftpFile;
  #sizeBytes = 0;
  #lanesClosed = Promise.resolve();
  /** It has the size that it is to have, and its mode and time can be set: then all that is left is one flight. */
  #isReady = false;
  #over = false;

  constructor(sftp: SftpSession, place: Place, open: { readonly file: SftpFile; readonly heldBytes: number }) {
    this.#sftp = sftp;
    this.#place = place;
    this.#file = open.file;
    this.heldBytes = open.heldBytes;
  }

  async sha256(lengthBytes: number): Promise<string> {
    return this.#place.sha256(lengthBytes);
  }

  async fill(from: number, chunks: AsyncIterable<Uint8Array>, done: (bytes: number) => void): Promise<number> {
    if (this.heldBytes > from) await this.#file.change({ sizeBytes: from });
    const place = this.#place;
    const lanes = new WriteLanes({ first: this.#file, path: place.staged, more: () => place.lanes() });
    const far = this.#sftp.moreChannels > 0;
    const settable = far ? this.#file.change(probe).then(yes, no) : Promise.resolve(false);
    const underway: Promise<void>[] = [];
    let at = from;
    let hole = false;
    try {
      for await (const chunk of chunks) {
        for (let sent = 0; sent < chunk.length; sent += this.#sftp.chunkBytes) {
          const piece = chunk.subarray(sent, sent + this.#sftp.chunkBytes);
          hole = isZero(piece);
          if (!hole) underway.push(confirmed(lanes.write(at, piece), () => done(piece.length)));
          else done(piece.length);
          at += piece.length;
          // In the order in which they went out: what is confirmed is without gaps but for the last few.
          if (underway.length >= lanes.inFlight) await underway.shift();
        }
      }
      const told = far && !hole ? lanes.sizeBytes() : undefined;
      await Promise.all(underway);
      this.#isReady = (await settable) && (await told) === at;
    } catch (error) {
      await Promise.allSettled(underway);
      throw error;
    } finally {
      // Waited for before the file takes its place, which costs no round trip of its own.
      this.#lanesClosed = lanes.close();
    }
    if (hole) await this.#file.change({ sizeBytes: at });
    this.#sizeBytes = at;
    return at;
  }

  async finish({ mode, modifiedS, sizeBytes }: Pick<SideFacts, "mode" | "modifiedS" | "sizeBytes">): Promise<void> {
    const { path, staged } = this.#place;
    if (this.#isReady && this.#sizeBytes === sizeBytes) {
      await this.#finishAtOnce({ mode, modifiedS });
      return;
    }
    // The host does them in this order.
    const changed = this.#file.change({ mode: mode & permissionBits, modifiedS });
    const [, facts] = await Promise.all([changed, this.#file.facts(), this.#file.close(), this.#lanesClosed]);
    if (facts.sizeBytes !== sizeBytes || this.#sizeBytes !== sizeBytes) {
      throw new HoldfastError(
        "file_failed",
        `${oneLine(path, 300)} came to ${facts.sizeBytes} bytes instead of ${sizeBytes}`,
        { hint: "Copy it again" },
      );
    }
    await replace(this.#sftp, staged, path);
    this.#over = true;
  }

  /** Far away each round trip counts. */
  async #finishAtOnce({ mode, modifiedS }: Pick<SideFacts, "mode" | "modifiedS">): Promise<void> {
    const { path, staged } = this.#place;
    const changed = this.#file.change({ mode: mode & permissionBits, modifiedS });
    const closed = this.#file.close();
    const replaced = replace(this.#sftp, staged, path).catch(async (error: unknown) => {
      // Windows renames nothing that is open.
      if (asHoldfastError(error).code !== "file_failed") throw error;
      await Promise.all([closed, this.#lanesClosed]);
      await replace(this.#sftp, staged, path);
    });
    await Promise.all([changed, closed, replaced]);
    this.#over = true;
  }

  async leave(): Promise<void> {
    await Promise.all([this.#file.close().catch(() => undefined), this.#lanesClosed]);
  }

  async discard(): Promise<void> {
    await this.leave();
    if (!this.#over) await this.#sftp.remove(this.#place.staged).catch(() => undefined);
    this.#over = true;
  }
}

function confirmed(write: Promise<void>, done: () => void): Promise<void> {
  const written = (async () => {
    await write;
    done();
  })();
  written.catch(() => undefined);
  return written;
}

/** In one step where the server can; else the old file is removed first. */
async function replace(sftp: SftpSession, from: string, to: string): Promise<void> {
  try {
    await sftp.replace(from, to);
  } catch (error) {
    if (asHoldfastError(error).code !== "unsupported") throw error;
    await sftp.remove(to).catch(() => undefined);
    await sftp.rename(from, to);
  }
}

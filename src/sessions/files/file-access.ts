import { HoldfastError, after, asHoldfastError } from "../../base/index.ts";
import type { SftpSession, SshConnection } from "../../ssh/index.ts";
import { patiently } from "../patiently.ts";
import type { Elevation } from "../sudo/elevation.ts";
import { hashedBytes } from "./file-limits.ts";
import type {
  HostFiles,
  ListedDirectory,
  ReadFile,
  ReadFileRequest,
  WriteFileRequest,
  WrittenFile,
} from "./files-api.ts";
import { noShell, type FilePlace } from "./script-run.ts";
import { readBySftp, hashBySftp } from "./sftp-way.ts";
import { noHash, readByShell, writeByShell } from "./shell-way.ts";
import { writeCompared } from "./write-compared.ts";
import { writeBySftp } from "./sftp-write.ts";

/** A file transfer channel that nobody has used for this long is closed: servers allow only a few. */
const idleMs = 10_000;

interface FileAccessDeps {
  connect(): Promise<SshConnection>;
  /** The session's directory, where it is known. */
  directory(): Promise<string | undefined>;
  /** What runs programs as another user there. Rejects as attaching to the session does. */
  elevation(): Promise<Elevation>;
  /** Throws `denied_by_policy` where nothing may be written. */
  refuseWrites(): Promise<void>;
  /** It is a Windows host: it has no POSIX shell, and its paths have drives. */
  readonly windows: boolean;
}

/**
 * The files of one session's host, over its connection. Reads go over SFTP, in a shell on the host where that is missing or sudo is wanted;
 * writes are made by a script in a shell, where stage, comparison and rename are one process, over SFTP where there is no shell.
 */
export class FileAccess implements HostFiles {
  readonly #deps: FileAccessDeps;
  #sftp: Promise<SftpSession | undefined> | undefined;
  #without = false;
  /** Of users (`u0`) and groups (`g0`) by number. */
  readonly #names = new Map<string, string>();
  #users = 0;
  #cancelIdle: () => void = () => undefined;

  constructor(deps: FileAccessDeps) {
    this.#deps = deps;
  }

  async read(request: ReadFileRequest): Promise<ReadFile | ListedDirectory> {
    const directory = await this.#directoryFor(request.path);
    return patiently(async () => this.#read(request, directory));
  }

  async write(request: WriteFileRequest): Promise<WrittenFile> {
    await this.#deps.refuseWrites();
    const directory = await this.#directoryFor(request.path);
    if (request.mode === "append") return this.#write(request, directory);
    let attempt = 0;
    return patiently(async () => {
      attempt += 1;
      try {
        return await this.#write(request, directory);
      } catch (error) {
        // An attempt whose answer was lost may have done it.
        const done = attempt > 1 ? await this.#doneBefore(request, error) : undefined;
        if (done === undefined) throw error;
        return done;
      }
    });
  }

  /** Lets go of the channel. Safe to call twice. */
  close(): void {
    this.#cancelIdle();
    const open = this.#sftp;
    this.#sftp = undefined;
    open?.then(
      (session) => session?.close(),
      () => undefined,
    );
  }

  async #read(request: ReadFileRequest, directory: string): Promise<ReadFile | ListedDirectory> {
    const connection = await this.#deps.connect();
    const othersHome = /^~[^/]/.test(request.path);
    const seen =
      request.sudo !== undefined || othersHome
        ? undefined
        : await this.#overSftp(connection, (sftp) => this.#readOver(sftp, request, directory));
    if (seen !== undefined) return seen;
    if (this.#deps.windows) throw noWay(request);
    const read = await readByShell(this.#placeOn(connection, directory), request);
    if (read === noShell) throw noWay(request);
    return read;
  }

  async #readOver(sftp: SftpSession, request: ReadFileRequest, directory: string): Promise<ReadFile | ListedDirectory> {
    const seen = await readBySftp(sftp, request, directory);
    const { user, group } = seen.facts;
    const unhashed = seen.kind === "file" && seen.sha256 === undefined && seen.facts.sizeBytes <= hashedBytes;
    // SFTP tells numbers only, and what was not read whole is better hashed where it lies.
    const wanted = unhashed || !this.#names.has(`u${user}`) || !this.#names.has(`g${group}`);
    const looked = wanted ? await this.#look(seen, unhashed) : undefined;
    const facts = {
      ...seen.facts,
      user: this.#names.get(`u${user}`) ?? user,
      group: this.#names.get(`g${group}`) ?? group,
    };
    if (seen.kind === "directory" || !unhashed) return { ...seen, facts };
    return { ...seen, facts, sha256: looked?.sha256 ?? (await hashBySftp(sftp, seen.path)) };
  }

  /** What a shell says of the same file; undefined where there is none. Remembers the names of its owners. */
  async #look({ path, facts }: ReadFile | ListedDirectory, hash: boolean): Promise<ReadFile | undefined> {
    const { user, group } = facts;
    this.#names.set(`u${user}`, user).set(`g${group}`, group);
    if (this.#deps.windows) return undefined;
    // From 1 on, so that the script hashes it; listing a directory is not needed.
    const request = { path, from: hash ? 1 : 0, maxBytes: 0, factsOnly: true };
    const looked = await readByShell(this.#placeOn(await this.#deps.connect(), ""), request).catch(() => undefined);
    if (typeof looked !== "object") return undefined;
    this.#names.set(`u${user}`, looked.facts.user).set(`g${group}`, looked.facts.group);
    return looked.kind === "file" ? looked : undefined;
  }

  async #write(request: WriteFileRequest, directory: string): Promise<WrittenFile> {
    const connection = await this.#deps.connect();
    const place = this.#placeOn(connection, directory);
    const written = this.#deps.windows ? noShell : await writeByShell(place, request);
    if (written === noHash) return writeCompared(place, request);
    if (written !== noShell) return written;
    const otherwise = await this.#overSftp(connection, (sftp) => writeBySftp(sftp, request, directory));
    if (otherwise === undefined) throw noWay(request);
    return otherwise;
  }

  #placeOn(connection: SshConnection, directory: string): FilePlace {
    return { connection, directory, elevation: async () => this.#deps.elevation() };
  }

  async #doneBefore(request: WriteFileRequest, error: unknown): Promise<WrittenFile | undefined> {
    const { code } = asHoldfastError(error);
    if (code !== "file_changed" && code !== "file_exists") return undefined;
    const { path, content, sudo, signal } = request;
    const now = await this.read({ path, maxBytes: content.length + 1, sudo, signal });
    if (now.kind !== "file" || !Buffer.from(now.bytes).equals(content)) return undefined;
    const { facts, sha256 } = now;
    return { path: now.path, facts, sha256, created: request.mode === "create", notes: [] };
  }

  /** Undefined where the host has no file transfer, or no place for one more channel. */
  async #overSftp<T>(connection: SshConnection, work: (sftp: SftpSession) => Promise<T>): Promise<T | undefined> {
    this.#cancelIdle();
    this.#users += 1;
    try {
      const sftp = await this.#session(connection);
      return sftp === undefined ? undefined : await work(sftp);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        this.#cancelIdle = after(idleMs, () => {
          this.close();
        });
      }
    }
  }

  async #session(connection: SshConnection): Promise<SftpSession | undefined> {
    if (this.#without) return undefined;
    const open = this.#sftp;
    const there = await open?.catch(() => undefined);
    if (there?.closed === false) return there;
    if (this.#sftp === open) this.#sftp = this.#open(connection);
    return this.#sftp;
  }

  async #open(connection: SshConnection): Promise<SftpSession | undefined> {
    let opened = false;
    try {
      const session = await connection.sftp();
      opened = true;
      // Tells how far away the host is, and whether anything answers: a server whose program is missing opens the channel, too.
      if (!session.measured) await session.realPath(".");
      return session;
    } catch (error) {
      if (opened && !connection.closed) {
        this.#without = true;
        return undefined;
      }
      const { code } = asHoldfastError(error);
      this.#without ||= code === "unsupported";
      if (code === "unsupported" || code === "limit_reached") return undefined;
      throw error;
    }
  }

  async #directoryFor(path: string): Promise<string> {
    return /^[/~]/.test(path) && !this.#deps.windows ? "" : ((await this.#deps.directory()) ?? "");
  }
}

function noWay({ path }: { readonly path: string }): HoldfastError {
  return new HoldfastError(
    "unsupported",
    `${path} is out of reach: the host offers neither file transfer nor a shell`,
    {
      hint: "Use what its command line has for files, with ssh_run",
    },
  );
}

import { isUtf8 as isEncoded } from "node:buffer";
import type { Bundles } from "./bundles.ts";
import type { ExtrasText, FileExtras } from "./extras.ts";

/**
 * A path or name as a file system has it: bytes, each as one character from U+0000 to U+00FF. Hosts promise no encoding, and a name that is no
 * UTF-8 must stay what it is.
 */
export type BytePath = string;

export interface SideFacts {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly modifiedS: number;
}

export interface SideEntry {
  readonly name: BytePath;
  /** Of a link, the link's own. */
  readonly facts: SideFacts;
}

/** Where a path leads, and what is there. */
export interface FoundPlace {
  /** Absolute, links followed as far as there is something. */
  readonly path: BytePath;
  /** Undefined when there is nothing. */
  readonly facts: SideFacts | undefined;
  /** It is known that the directory is there which it lies in. */
  readonly inDirectory: boolean;
}

/** A file that is open for reading; `close` it in every case. */
export interface SourceFile {
  /** From `from` to the end in order; at most `sizeBytes` in all where that is not 0. A chunk is good until the next one is asked for. */
  bytes(from: number, sizeBytes: number): AsyncIterable<Uint8Array>;
  facts(): Promise<SideFacts>;
  close(): Promise<void>;
}

/** A temporary file beside the one that it will be. */
export interface StagedFile {
  /** How much an earlier copy has left in it. */
  readonly heldBytes: number;
  /** SHA-256 of its first bytes. */
  sha256(lengthBytes: number): Promise<string>;
  /** Cuts it to `from` bytes and writes `chunks` from there on; `done` is told bytes that the side has. Resolves when it has all of them. */
  fill(from: number, chunks: AsyncIterable<Uint8Array>, done: (bytes: number) => void): Promise<number>;
  /** Gives it mode and time and puts it in the place of what is there, in one step. Rejects when its size is another. */
  finish(facts: Pick<SideFacts, "mode" | "modifiedS" | "sizeBytes">): Promise<void>;
  /** Closes it and leaves it, to be continued. */
  leave(): Promise<void>;
  /** Closes and removes it. Never rejects. */
  discard(): Promise<void>;
}

/** How a file is staged. */
export interface StageOptions {
  /** Tells this copy's temporary files from those of others. */
  readonly mark: string;
  /** Begin at nothing. */
  readonly fresh: boolean;
  /** One of many that are told to have at most `smallFileBytes`: it may be nowhere but in memory until it is whole. */
  readonly small?: boolean;
  /** It takes the place of a file, whose access list and extended attributes it is to keep. */
  readonly replaces?: { readonly many: boolean };
  /** It gets these instead. */
  readonly gives?: ExtrasText;
  readonly note?: (text: string) => void;
}

/** One side of a copy: a host over one connection, or this machine. Rejects with `file_…`, `unsupported`, `denied_by_policy` or `connection_lost`. */
export interface CopySide {
  /** Files to have on the way at once. */
  readonly filesAtOnce: number;
  /** Access lists and extended attributes; undefined where there can be none. */
  readonly extras: FileExtras | undefined;
  /** Many small files at once; undefined where that is no gain or cannot be. */
  readonly bundles: Bundles | undefined;
  /** What the caller named. */
  find(path: string): Promise<FoundPlace>;
  /** Of a link, its own; undefined when there is nothing. */
  facts(path: BytePath): Promise<SideFacts | undefined>;
  list(path: BytePath): Promise<readonly SideEntry[]>;
  linkTarget(path: BytePath): Promise<BytePath>;
  makeLink(path: BytePath, target: BytePath): Promise<void>;
  makeDirectory(path: BytePath, mode: number): Promise<void>;
  /** Sets mode and time of a directory. */
  settle(path: BytePath, facts: Pick<SideFacts, "mode" | "modifiedS">): Promise<void>;
  remove(path: BytePath): Promise<void>;
  removeDirectory(path: BytePath): Promise<void>;
  /** `small`: one of many that are told to have at most `smallFileBytes`, which may be done in fewer steps. */
  open(path: BytePath, small?: boolean): Promise<SourceFile>;
  stage(path: BytePath, options: StageOptions): Promise<StagedFile>;
  /** SHA-256 of a file's first bytes. */
  sha256(path: BytePath, lengthBytes: number): Promise<string>;
  /** Lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}

/** Whether the bytes are UTF-8, as most names are. */
export function isUtf8(path: BytePath): boolean {
  return isEncoded(Buffer.from(path, "latin1"));
}

/** Text as bytes. */
export function toBytePath(text: string): BytePath {
  return Buffer.from(text).toString("latin1");
}

/** Bytes as text, for people; what is no UTF-8 shows as U+FFFD. */
export function shownPath(path: BytePath): string {
  return Buffer.from(path, "latin1").toString();
}

/** The parent of an absolute path, and the last name. */
export function splitPath(path: BytePath): { readonly parent: BytePath; readonly name: BytePath } {
  const at = path.lastIndexOf("/");
  return { parent: path.slice(0, at) || "/", name: path.slice(at + 1) };
}

export function joinPath(directory: BytePath, name: BytePath): BytePath {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** A name that can be one step down and nothing else: what a host tells must not lead elsewhere. */
export function isPlainName(name: BytePath): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\u0000");
}

/** Where a copy's temporary file for `path` is. */
export function stagedPath(path: BytePath, mark: string): BytePath {
  return joinPath(splitPath(path).parent, `.holdfast-part-${mark}`);
}

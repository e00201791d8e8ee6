import { monotonicMs } from "../../base/index.ts";
import type { CopyCounts, CopyFailure } from "./copy-api.ts";

/** Failures that are told one by one; of more only the number. */
const mostFailures = 100;

const mostNotes = 20;

/** The rate is that of the last seconds, so that it follows the line. */
const rateWindowMs = 5_000;

/** What a copy has done so far, over all its attempts. */
export class CopyTally {
  readonly failures: CopyFailure[] = [];
  readonly notes: string[] = [];
  bytes = 0;
  totalBytes = 0;
  files = 0;
  totalFiles = 0;
  same = 0;
  removed = 0;
  failed = 0;
  readonly #startedMs = monotonicMs();
  #endedMs: number | undefined;
  #marks: { readonly atMs: number; readonly bytes: number }[] = [];
  #moved = 0;

  /** Bytes that went over the line, also those that an attempt that failed had carried. */
  get movedBytes(): number {
    return this.#moved;
  }

  moved(bytes: number): void {
    this.bytes += bytes;
    this.#moved += bytes;
  }

  failure(path: string, why: string): void {
    this.failed += 1;
    if (this.failures.length < mostFailures) this.failures.push({ path, why });
  }

  note(text: string): void {
    if (this.notes.length < mostNotes && !this.notes.includes(text)) this.notes.push(text);
  }

  /** A new attempt finds everything again. */
  again(): void {
    this.bytes = 0;
    this.totalBytes = 0;
    this.files = 0;
    this.totalFiles = 0;
    this.same = 0;
    this.failed = 0;
    this.failures.length = 0;
  }

  end(): void {
    this.#endedMs ??= monotonicMs();
  }

  counts(): CopyCounts {
    const now = this.#endedMs ?? monotonicMs();
    const durationMs = now - this.#startedMs;
    this.#marks.push({ atMs: now, bytes: this.#moved });
    while (this.#marks.length > 2 && now - (this.#marks[0]?.atMs ?? now) > rateWindowMs) this.#marks.shift();
    const first = this.#endedMs === undefined ? this.#marks[0] : undefined;
    const since = first === undefined || first.atMs === now ? { atMs: this.#startedMs, bytes: 0 } : first;
    const bytesPerS = (this.#moved - since.bytes) / Math.max(0.001, (now - since.atMs) / 1000);
    const { bytes, totalBytes, files, totalFiles, same, removed, failed } = this;
    return { bytes, totalBytes, files, totalFiles, same, removed, failed, bytesPerS, durationMs };
  }
}

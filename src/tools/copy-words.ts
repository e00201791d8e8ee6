import { asHoldfastError, oneLine, renderError } from "../base/index.ts";
import type { CopyCounts, CopyOutcome, CopyWords } from "../sessions/index.ts";
import { seconds } from "./first-line.ts";
import { count } from "./reply.ts";

/** Failures that are listed; the first line counts them all. */
const listedFailures = 20;

const longestPath = 500;

/** How copies are told of, in replies and in the output of their commands. */
export const copyWords: CopyWords = { progress: progressText, outcome: outcomeText };

/** `34% · 340 MB of 1.0 GB · 52.0 MB/s · 13 s left · 120 of 2,000 files`. */
export function progressText(counts: CopyCounts): string {
  const { bytes, totalBytes, files, totalFiles, bytesPerS } = counts;
  const share = totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
  const leftS = bytesPerS < 1 ? undefined : Math.max(0, totalBytes - bytes) / bytesPerS;
  return [
    `${Math.floor(share * 100)}%`,
    `${sizeText(bytes)} of ${sizeText(totalBytes)}`,
    `${sizeText(bytesPerS)}/s`,
    ...(leftS === undefined ? [] : [`${seconds(leftS * 1_000)} left`]),
    ...(totalFiles > 1 ? [`${count(files)} of ${count(totalFiles)} files`] : []),
  ].join(" · ");
}

/** The first line: `copied · 3 files · 18,204 bytes · 0.4 s · 45 kB/s · ./a → web1:/srv/a`; below it what failed. */
export function outcomeText(outcome: CopyOutcome, counts: CopyCounts): string {
  const { failures, notes, sha256, error } = outcome;
  const { files, same, removed, failed, bytes, bytesPerS, durationMs } = counts;
  const word = error === undefined ? (failed === 0 ? "copied" : "copied in part") : "not copied whole";
  const first = [
    word,
    `${count(files)} ${files === 1 ? "file" : "files"}`,
    `${count(bytes)} bytes`,
    seconds(durationMs),
    `${sizeText(bytesPerS)}/s`,
    `${oneLine(outcome.from, longestPath)} → ${oneLine(outcome.to, longestPath)}`,
    ...(sha256 === undefined ? [] : [`sha256 ${sha256}`]),
    ...(same === 0 ? [] : [`${count(same)} the same already`]),
    ...(removed === 0 ? [] : [`${count(removed)} removed`]),
    ...(failed === 0 ? [] : [`${count(failed)} failed`]),
    ...notes.map((note) => `note: ${oneLine(note, longestPath)}`),
  ].join(" · ");
  const listed = failures
    .slice(0, listedFailures)
    .map(({ path, why }) => `${oneLine(path, longestPath)}: ${oneLine(why, longestPath)}`);
  const ended = error === undefined ? [] : [renderError(asHoldfastError(error))];
  const more = failed > listed.length ? [`... and ${count(failed - listed.length)} more`] : [];
  return [first, ...ended, ...listed, ...more].join("\n");
}

/** A size in bytes in units that people read: `340 MB`. */
function sizeText(sizeBytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

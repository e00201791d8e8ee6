import { oneLine } from "../base/index.ts";
import type { ListedDirectory, ListedFile } from "../sessions/index.ts";
import { filePlace, standingText } from "./file-line.ts";
import { count } from "./reply.ts";

/** Longest name that a file system in use allows, in bytes; links may lead further. */
const longestName = 255;
const longestTarget = 1_000;

/** A directory as a reply: its line, then one for each entry as `ls -l` has it. Names with control characters are in quotes, escaped. */
export function directoryText(session: string, { path, facts, entries, more }: ListedDirectory): string {
  const amount = `${more ? "first " : ""}${count(entries.length)} ${entries.length === 1 ? "entry" : "entries"}`;
  const head = `directory · ${amount} · ${standingText(facts)} · ${filePlace(session, path)}`;
  const rest = more ? ["... more entries left out; list part of them with ssh_run: ls -d <pattern>"] : [];
  return [head, ...entries.map(entryLine), ...rest].join("\n");
}

function entryLine({ name, facts, target }: ListedFile): string {
  const shown = `${quoted(name, longestName)}${target === undefined ? "" : ` -> ${quoted(target, longestTarget)}`}`;
  if (facts === undefined) return `? ${shown}`;
  const changed = new Date(facts.modifiedS * 1_000);
  const time = Number.isNaN(changed.getTime()) ? "?" : changed.toISOString().slice(0, 16).replace("T", " ");
  return `${standingText(facts)} ${count(facts.sizeBytes)} ${time} ${shown}`;
}

function quoted(name: string, limit: number): string {
  return oneLine(name, limit) === name ? name : JSON.stringify(name.slice(0, limit));
}

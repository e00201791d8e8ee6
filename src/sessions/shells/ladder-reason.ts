import { oneLine, type HoldfastError } from "../../base/index.ts";

/** What error messages of mkdir, mkfifo and the shell say of a place, in a word. */
const complaints: readonly (readonly [RegExp, string])[] = [
  [/read-only/i, "read-only"],
  [/no space|quota|disk full/i, "full"],
  [/mkfifo/i, "no FIFOs in"],
  [/permission denied|not permitted/i, "not writable"],
];

/** Why a host shell was not possible, short enough for the first line of a reply: `read-only /tmp and home`. */
export function ladderReason(error: HoldfastError): string {
  const why = String(error.details["why"] ?? "");
  if (error.details["lacks"] === "device") return oneLine(error.message, 120);
  if (error.details["lacks"] === "place") return placesReason(why);
  if (error.details["lacks"] === "tools") return `the host lacks ${oneLine(why, 60)}`;
  if (error.details["lacks"] === "posix") return why;
  return why === "" ? "its login starts no /bin/sh" : `its login starts no /bin/sh, it says: ${oneLine(why, 120)}`;
}

/** `why` is ` <place>: <message>; <place>: <message>; ...`, the home directory last. */
function placesReason(why: string): string {
  const tried = [...why.matchAll(/(?:^|;) ?(\/[^:]*): ([^;]*)/g)].map(([, place = "", message = ""]) => ({
    place,
    message,
  }));
  const home = tried.at(-1)?.place ?? "";
  const byWord = new Map<string, string[]>();
  for (const { place, message } of tried) {
    const word = complaints.find(([pattern]) => pattern.test(message))?.[1] ?? "unusable";
    const name = /^\/(?:var\/)?tmp$/.test(place) ? place : place.startsWith(home) ? place.replace(home, "home") : place;
    byWord.set(word, [...(byWord.get(word) ?? []), name]);
  }
  if (byWord.size === 0) return "no directory can be written";
  return [...byWord].map(([word, names]) => `${word} ${list(names)}`).join(", ");
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

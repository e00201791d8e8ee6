/**
 * Escape sequences as ECMA-48 has them: CSI, OSC/DCS/SOS/PM/APC strings up to their terminator (bounded, so that an
 * unterminated one cannot swallow the rest), and two-character escapes.
 */
const escapeSequences =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001B]{0,4096}(?:\u0007|\u001B\\)?|[ -/]*[0-~])|\u009B[0-?]*[ -/]*[@-~]/g;

/** Control characters but tab, newline and carriage return. */
// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

/** Unicode marks that reorder text on screen (bidirectional controls): hostile where a person or an agent reads. */
const bidi = /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text as a person would see it on a terminal: escape sequences and controls gone, `\r` progress lines collapsed to their last state. */
export function plainText(text: string): string {
  const stripped = text.replaceAll(escapeSequences, "").replaceAll("\r\n", "\n");
  const collapsed = stripped.includes("\r") ? stripped.split("\n").map(lastState).join("\n") : stripped;
  return collapsed.replaceAll(controls, "").replaceAll(bidi, "");
}

function lastState(line: string): string {
  const states = line.split("\r").filter((state) => state !== "");
  return states.at(-1) ?? "";
}

/** Foreign text made safe for one line of ours: no escapes, controls, bidi marks or line breaks; at most `limit` characters. */
export function oneLine(text: string, limit: number): string {
  const flat = plainText(text).replaceAll(/\s+/g, " ").trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}

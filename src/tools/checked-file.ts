import { HoldfastError } from "../base/index.ts";

/** PATH_MAX of Linux. */
const longestPath = 4_096;

/** Content that one call carries, in each direction (2 MiB): more belongs into a copy. */
export const largestContentBytes = 2_097_152;

const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
const ownerText = /^(?=[^:]|:[^:])[A-Za-z0-9_.@-]{0,64}(?::[A-Za-z0-9_.@-]{1,64})?$/;

function refused(what: string, hint: string): HoldfastError {
  return new HoldfastError("bad_input", `${what}; nothing was done`, { hint });
}

/** `path` if a host can have it. Throws `bad_input`. */
export function checkedPath(path: string): string {
  if (path.trim() !== "" && path.length <= longestPath && !path.includes("\u0000")) return path;
  throw refused(`${JSON.stringify(path.slice(0, 80))} is no path`, "Give a path without NUL, at most 4,096 characters");
}

/** The bytes of `content`. Throws `bad_input` or `too_large`. */
export function checkedContent(content: string, encoding: "utf8" | "base64"): Buffer {
  const packed = encoding === "base64" ? content.replaceAll(/\s+/g, "") : content;
  if (encoding === "base64" && !base64Text.test(packed)) {
    throw refused("the content is no base64", "Encode it anew, or leave encoding out for text");
  }
  const bytes = Buffer.from(packed, encoding);
  refuseLarger("the content", bytes.length);
  return bytes;
}

/** Throws `too_large` for more than one call carries. */
export function refuseLarger(what: string, sizeBytes: number): void {
  if (sizeBytes <= largestContentBytes) return;
  throw new HoldfastError("too_large", `${what} has ${sizeBytes} bytes; at most ${largestContentBytes} are taken`, {
    hint: 'Write it in pieces (mode "append"), or change it with ssh_run',
  });
}

/** Permission bits of text like "0644". Throws `bad_input`. */
export function checkedPermissions(text: string): number {
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  throw refused(`permissions ${JSON.stringify(text.slice(0, 40))} are none`, 'Three or four octal digits, like "0644"');
}

/** `owner` if it can name user, group or both. Throws `bad_input`. */
export function checkedOwner(owner: string): string {
  if (owner !== "" && !owner.startsWith("-") && ownerText.test(owner)) return owner;
  throw refused(`${JSON.stringify(owner.slice(0, 80))} is no owner`, "user, user:group or :group");
}

/** A hash in lower case. Throws `bad_input`. */
export function checkedSha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw refused("expect_sha256 is no sha256", "64 hexadecimal digits, as ssh_file_read shows them");
}

/** Encoded forms are cut at both ends, where they depend on what stands beside the secret. */
const shortestForm = 6;

/** A secret as it is and as tools commonly encode it, each form at least 6 characters long. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Lone halves of pairs cannot be encoded; the bytes have a replacement for them.
  const url = encodeURIComponent(bytes.toString());
  const hex = bytes.toString("hex");
  const form = url.replaceAll("%20", "+").replaceAll(/[!'()~]/g, percent);
  const all = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", String.raw`'\''`),
    secret.replaceAll(/["$\\`]/g, String.raw`\$&`),
    secret.replaceAll(/[^\w%+,./:=@\u0080-\uFFFF-]/g, String.raw`\$&`),
    url,
    url.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll("%20", "+"),
    form,
    hex,
    hex.toUpperCase(),
    ...base64Forms(bytes),
  ];
  return [...new Set(all)].filter(({ length }) => length >= shortestForm);
}

/** What forms encode beyond what URLs do. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Base64 encodes three bytes at a time, so a secret looks different at each of three places; only characters that depend on it alone count. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const form = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

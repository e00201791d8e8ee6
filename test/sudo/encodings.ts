/** Before a text in base64 there may be none, one or two bytes of something else; what depends on them is cut off. */
const alignments = [0, 1, 2];

/** A secret in all the ways that programs write it down, made here on its own and not by what is tested. */
export function encodings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const url = encodeURIComponent(secret);
  const base64 = alignments.flatMap((front) =>
    (["base64", "base64url"] as const).map((alphabet) => {
      const text = Buffer.concat([Buffer.alloc(front, "x"), bytes, Buffer.from("yyy")]).toString(alphabet);
      return text.slice(front === 0 ? 0 : front + 1, Math.floor(((front + bytes.length) * 4) / 3));
    }),
  );
  return [
    ...new Set([
      secret,
      hex,
      hex.toUpperCase(),
      url,
      url.toLowerCase(),
      url.replaceAll("%20", "+"),
      new URLSearchParams({ x: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
      secret.replaceAll("'", String.raw`'\''`),
      secret.replaceAll(/["$\\`]/g, String.raw`\$&`),
      secret.replaceAll(/[^\w\u0080-\uFFFF]/g, String.raw`\$&`),
      ...base64,
    ]),
  ];
}

/** The bytes of an Xauthority file as `printf %b` takes them. */
export function authorityText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}

/** A red pixel. */
export const image = {
  type: "image",
  mimeType: "image/png",
  data: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
} as const;

/** No sound at all. */
export const audio = {
  type: "audio",
  mimeType: "audio/wav",
  data: "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=",
} as const;

/** One piece of text. */
export function text(value: string): { type: "text"; text: string } {
  return { type: "text", text: value };
}

/** A resource inside a message. */
export function embedded(
  uri: string,
  mimeType: string,
  value: string,
): {
  type: "resource";
  resource: { uri: string; mimeType: string; text: string };
} {
  return { type: "resource", resource: { uri, mimeType, text: value } };
}

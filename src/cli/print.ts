import type { Writable } from "node:stream";

/** Writes `text` and a newline where it has none; resolves when it is out. A reader that went away is not an error. */
export function print(output: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded) resolve();
    else output.write(text.endsWith("\n") ? text : `${text}\n`, () => resolve());
  });
}

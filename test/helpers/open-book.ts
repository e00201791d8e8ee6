import { createSessionBook, type SessionBook } from "../../src/sessions/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { createPrivatePlace } from "./private-place.ts";

/** A session book in this process, for what must be compared byte for byte. */
export interface OpenBook {
  readonly book: SessionBook;
  /** Detaches, and takes the environment back to what it was. */
  remove(): Promise<void>;
}

/** Opens a book whose targets come from `sshConfigFile` alone. One at a time: the environment of the process is part of it. */
export async function openBook(sshConfigFile: string): Promise<OpenBook> {
  const place = await createPrivatePlace(sshConfigFile);
  const before = new Map(Object.keys(place.env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, place.env);
  const book = createSessionBook({ engine: createSsh2Engine(), store: createMemoryStore() });
  return {
    book,
    remove: async () => {
      await book.shutdown();
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await place.remove();
    },
  };
}

import type { SessionLimits } from "../../src/config/index.ts";
import { createSessionBook, type AsksForSecrets, type SessionBook } from "../../src/sessions/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { createMemoryStore, type DocumentStore } from "../../src/store/index.ts";
import { createPrivatePlace } from "./private-place.ts";

/** A session book in this process, for what must be compared byte for byte. */
export interface OpenBook {
  readonly book: SessionBook;
  /** Its session records. */
  readonly store: DocumentStore;
  readonly sshConfigFile: string;
  /** Detaches, and takes the environment back to what it was. */
  remove(): Promise<void>;
}

/**
 * Opens a book whose targets come from `sshConfigFile` alone; with `store`, one that knows what another book knows, as another process
 * would. The environment of the process is part of it.
 */
export async function openBook(
  sshConfigFile: string,
  store: DocumentStore = createMemoryStore(),
  limits?: SessionLimits,
  secrets?: AsksForSecrets,
): Promise<OpenBook> {
  const place = await createPrivatePlace(sshConfigFile);
  const before = new Map(Object.keys(place.env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, place.env);
  const given = { ...(limits === undefined ? {} : { limits }), ...(secrets === undefined ? {} : { secrets }) };
  const book = createSessionBook({ engine: createSsh2Engine(), store, ...given });
  return {
    book,
    store,
    sshConfigFile,
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

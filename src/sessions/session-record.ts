import { z } from "zod";
import { sha256Hex } from "../base/index.ts";
import type { DocumentStore } from "../store/index.ts";

/**
 * All that is needed to attach a session again from another process: small, without secrets of people. The key only lets its holder tell
 * the session's markers from other output. `closed`: nothing lives any more, but the name's numbers go on from `reserved`.
 */
const sessionRecord = z.object({
  name: z.string(),
  target: z.string(),
  user: z.string().optional(),
  port: z.number().optional(),
  keyFile: z.string().optional(),
  jump: z.array(z.string()).optional(),
  /** The hard limit of commands that name none. */
  commandTimeoutMs: z.number().optional(),
  address: z.string(),
  account: z.string(),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  key: z.string().regex(/^[0-9a-f]{32}$/),
  owner: z.string().optional(),
  facts: z.string(),
  startedAtMs: z.number(),
  /** No command of this name has this number or a higher one, as far as this record knows. */
  reserved: z.number(),
  closed: z.boolean(),
  /** It may be half made: whoever makes a session of this name makes this one, which its host takes for the same. */
  begun: z.boolean().optional(),
  /** The place on the host that is looked at first, where it was not one of the usual ones. */
  base: z.string().optional(),
  /** What carries it; a host shell where nothing is said. `why`: why it is no host shell. */
  rung: z.enum(["host", "connection", "exec", "device", "windows"]).optional(),
  why: z.string().optional(),
  /** What a network device is, as its caller said: what it was found to be is kept by its host key. Of a Windows host: the language of its commands. */
  platform: z.string().optional(),
  /** Its login shell is restricted: scripts are started without a path. */
  plain: z.boolean().optional(),
});

export type SessionRecord = z.infer<typeof sessionRecord>;

/** Session records by name. Records that are none are passed over. */
export class RecordBook {
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  async get(name: string): Promise<SessionRecord | undefined> {
    const parsed = sessionRecord.safeParse(await this.#store.get(documentName(name)));
    return parsed.success && parsed.data.name === name ? parsed.data : undefined;
  }

  async put(record: SessionRecord): Promise<void> {
    await this.#store.put(documentName(record.name), record);
  }

  /** All records of sessions that are not closed. */
  async open(): Promise<readonly SessionRecord[]> {
    const names = await this.#store.list();
    const documents = await Promise.all(names.map((name) => this.#store.get(name)));
    return documents.flatMap((document) => {
      const parsed = sessionRecord.safeParse(document);
      return parsed.success && !parsed.data.closed ? [parsed.data] : [];
    });
  }
}

/** Names of sessions may hold characters that file names may not. */
function documentName(name: string): string {
  return sha256Hex(name).slice(0, 40);
}

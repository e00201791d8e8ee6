import { z } from "zod";
import { sha256Hex } from "../../base/index.ts";
import type { DocumentStore } from "../../store/index.ts";
import type { CopyRequest } from "./copy-api.ts";

const end = z.object({ on: z.string().optional(), path: z.string() });

/** What another process needs to go on with a copy that has a command. */
const copyRecord = z.object({
  command: z.string(),
  /** The process that runs it. */
  owner: z.string(),
  from: end,
  to: end,
  local: z.object({ directory: z.string(), roots: z.array(z.string()) }),
  recursive: z.boolean(),
  verify: z.boolean(),
  xattrs: z.boolean().optional(),
  delete: z.boolean(),
  exclude: z.array(z.string()),
  sudo: z.string().optional(),
});

export type CopyRecord = z.infer<typeof copyRecord>;

const prefix = "copy-";

/** Copies with a command, in the store of the sessions. */
export class CopyRecords {
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  async put(record: CopyRecord): Promise<void> {
    await this.#store.put(documentName(record.command), record);
  }

  async delete(command: string): Promise<void> {
    await this.#store.delete(documentName(command));
  }

  async all(): Promise<readonly CopyRecord[]> {
    const names = (await this.#store.list()).filter((name) => name.startsWith(prefix));
    const documents = await Promise.all(names.map((name) => this.#store.get(name)));
    return documents.flatMap((document) => {
      const parsed = copyRecord.safeParse(document);
      return parsed.success ? [parsed.data] : [];
    });
  }
}

export function recordOf(command: string, owner: string, request: CopyRequest): CopyRecord {
  const { from, to, local, recursive = false, verify = false, exclude = [] } = request;
  return {
    command,
    owner,
    from,
    to,
    local: { ...local, roots: [...local.roots] },
    recursive,
    verify,
    xattrs: request.xattrs ?? false,
    delete: request.delete ?? false,
    exclude: [...exclude],
    ...(request.sudo === undefined ? {} : { sudo: request.sudo }),
  };
}

export function requestOf({ from, to, local, recursive, verify, exclude, ...more }: CopyRecord): CopyRequest {
  return {
    from: { on: from.on, path: from.path },
    to: { on: to.on, path: to.path },
    local,
    recursive,
    verify,
    xattrs: more.xattrs ?? false,
    delete: more.delete,
    exclude,
    ...(more.sudo === undefined ? {} : { sudo: more.sudo }),
  };
}

function documentName(command: string): string {
  return `${prefix}${sha256Hex(command).slice(0, 40)}`;
}

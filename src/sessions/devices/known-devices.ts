import { z } from "zod";
import { sha256Hex } from "../../base/index.ts";
import type { DocumentStore } from "../../store/index.ts";

/** What was found out of a device, so that nobody asks it again. */
const knownDevice = z.strictObject({
  kind: z.literal("device"),
  account: z.string(),
  identification: z.string(),
  platform: z.string(),
});

/** Devices by account and by what their server says that it is: another one that answers there is none of them. */
export class KnownDevices {
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  /** The name of its platform; undefined where nobody has found it out, or it cannot be read. */
  async recall(account: string, identification: string): Promise<string | undefined> {
    const parsed = knownDevice.safeParse(await this.#store.get(documentName(account)).catch(() => undefined));
    if (!parsed.success || parsed.data.account !== account) return undefined;
    return parsed.data.identification === identification ? parsed.data.platform : undefined;
  }

  /** Keeps what was found out. Never rejects: it can be found out again. */
  async remember(account: string, identification: string, platform: string): Promise<void> {
    const document = { kind: "device", account, identification, platform } as const;
    await this.#store.put(documentName(account), document).catch(() => undefined);
  }

  /** What was kept may be wrong. Never rejects. */
  async forget(account: string): Promise<void> {
    await this.#store.delete(documentName(account)).catch(() => undefined);
  }
}

function documentName(account: string): string {
  return `device-${sha256Hex(account).slice(0, 40)}`;
}

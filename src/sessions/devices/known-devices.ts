import { z } from "zod";
import { sha256Hex } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { DocumentStore } from "../../store/index.ts";

/** What was found out of a device, so that nobody asks it again. */
const knownDevice = z.strictObject({
  kind: z.literal("device"),
  account: z.string(),
  hostKey: z.string(),
  identification: z.string(),
  platform: z.string(),
});

type KnownDevice = z.infer<typeof knownDevice>;

/** As a connection shows what it leads to. */
type Shown = Pick<SshConnection, "hostKey" | "serverIdentification">;

/** The name of every document begins so. */
const prefix = "device-";

/**
 * Devices by host key, by whatever name they are reached: another one that answers at the same address is none of them. Its user and port belong
 * to it, as servers of consoles lead elsewhere by these.
 */
export class KnownDevices {
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  /** The name of its platform; undefined where nobody has found it out, or it cannot be read. */
  async recall(account: string, shown: Shown): Promise<string | undefined> {
    const known = await this.#read(documentName(account, shown));
    return known?.identification === shown.serverIdentification ? known.platform : undefined;
  }

  /** Keeps what was found out; what had another key at this address is forgotten. Never rejects: it can be found out again. */
  async remember(account: string, shown: Shown, platform: string): Promise<void> {
    const { hostKey, serverIdentification: identification } = shown;
    const name = documentName(account, shown);
    const document: KnownDevice = { kind: "device", account, hostKey, identification, platform };
    await this.#store.put(name, document).catch(() => undefined);
    await this.#dropOthers(account, name).catch(() => undefined);
  }

  /** What was kept may be wrong. Never rejects. */
  async forget(account: string, shown: Shown): Promise<void> {
    await this.#store.delete(documentName(account, shown)).catch(() => undefined);
  }

  /** Those that were found to be of the platform. Rejects when the store cannot be listed. */
  async of(platform: string): Promise<readonly { readonly account: string; readonly hostKey: string }[]> {
    const all = await this.#all();
    return all.filter(({ known }) => known.platform === platform).map(({ known }) => known);
  }

  async #dropOthers(account: string, kept: string): Promise<void> {
    for (const { name, known } of await this.#all()) {
      if (known.account === account && name !== kept) await this.#store.delete(name);
    }
  }

  async #all(): Promise<readonly { readonly name: string; readonly known: KnownDevice }[]> {
    const names = (await this.#store.list()).filter((name) => name.startsWith(prefix));
    const all = await Promise.all(names.map(async (name) => ({ name, known: await this.#read(name) })));
    return all.flatMap(({ name, known }) => (known === undefined ? [] : [{ name, known }]));
  }

  async #read(name: string): Promise<KnownDevice | undefined> {
    const parsed = knownDevice.safeParse(await this.#store.get(name).catch(() => undefined));
    return parsed.success ? parsed.data : undefined;
  }
}

function documentName(account: string, { hostKey }: Shown): string {
  const user = account.slice(0, account.lastIndexOf("@"));
  const port = account.slice(account.lastIndexOf(":"));
  return prefix + sha256Hex(`${hostKey} ${user} ${port}`).slice(0, 40);
}

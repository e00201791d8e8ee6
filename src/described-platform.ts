import { join, resolve } from "node:path";
import type { DescribedPlatform } from "./cli/index.ts";
import { configDirectory, stateDirectory } from "./config/index.ts";
import { KnownDevices } from "./sessions/index.ts";
import { createFileStore } from "./store/index.ts";
import { describeLine, describePlatform, PlatformBook, readPlatformFile } from "./devices/index.ts";

/** The platform of that name, or that the file describes (anything with a slash or the ending of YAML). Rejects with `bad_input` and `config_invalid`. */
export async function describedPlatform(nameOrFile: string): Promise<DescribedPlatform> {
  const { platform, origin } = /[/\\]|\.ya?ml$/i.test(nameOrFile)
    ? { platform: await readPlatformFile(resolve(nameOrFile)), origin: resolve(nameOrFile) }
    : await new PlatformBook(join(configDirectory(), "platforms")).find(nameOrFile);
  return {
    name: platform.name,
    title: platform.title,
    origin,
    facts: [...describePlatform(platform), ...(await foundOn(platform.name))],
    describeLine: (text) => describeLine(platform, text),
  };
}

/** The devices that were taken for it without being told, by host key. */
async function foundOn(platform: string): Promise<readonly { readonly about: string; readonly text: string }[]> {
  const known = new KnownDevices(createFileStore({ directory: join(stateDirectory(), "sessions") }));
  const devices = await known.of(platform).catch(() => []);
  return devices.map(({ account, hostKey }) => ({ about: "found on", text: `${account}, key ${hostKey}` }));
}

import { join } from "node:path";
import { configDirectory } from "../../config/index.ts";
import {
  Exchange,
  PlatformBook,
  recognise,
  type DeviceTerminal,
  type Platform,
  type Recognition,
} from "../../devices/index.ts";

/** What is known of a device before anybody has said what it is. */
export interface FirstSight {
  /** The software part of its SSH identification. */
  readonly software: string;
  /** What it said before the first prompt. */
  readonly greeting: readonly string[];
  readonly prompt: string;
  /** The line above the prompt. */
  readonly above: string;
  /** For a read-only question, where the rest does not tell. */
  readonly terminal: DeviceTerminal;
}

/** How long the answer to one such question may take. */
const probeLimitMs = 20_000;

/** Of such an answer, as much as is looked at. */
const probeCharacters = 16_384;

/** The platforms that there are, for one session's beginning. */
export interface PlatformSource {
  /** For devices that nobody knows. */
  readonly generic: Platform;
  /** By name or alias. Rejects with `bad_input` where there is none, `config_invalid` where its file is broken. */
  find(name: string): Promise<Platform>;
  /** Undefined where the identification alone does not tell. */
  byIdentification(software: string): Platform | undefined;
  /** By its identification and prompt and what it said before that, else by what it says to a read-only question or two. */
  recognise(sight: FirstSight): Promise<Platform>;
}

/** Those that come with Holdfast, and the user's own. Rejects with `config_invalid` for a broken file. */
export async function openPlatforms(): Promise<PlatformSource> {
  const book = new PlatformBook(join(configDirectory(), "platforms"));
  const all = (await book.all()).map(({ platform }) => platform);
  const { platform: generic } = await book.find("generic");
  return {
    generic,
    find: async (name) => (await book.find(name)).platform,
    byIdentification: (software) => certain(recognise(all, { identification: software })),
    recognise: async (sight) => (await recognised(all, sight)) ?? generic,
  };
}

function certain(recognition: Recognition | undefined): Platform | undefined {
  return recognition?.confidence === "certain" ? recognition.platform : undefined;
}

async function recognised(all: readonly Platform[], sight: FirstSight): Promise<Platform | undefined> {
  const { software: identification, greeting, prompt, above, terminal } = sight;
  const evidence = { identification, greeting: greeting.join("\n"), prompt, above };
  const first = recognise(all, evidence);
  if (first === undefined || first.confidence === "certain") return first?.platform;
  let best = first;
  let probed = "";
  for (const command of first.probes) {
    probed += await said(terminal, command);
    best = recognise(all, { ...evidence, probed }) ?? best;
    if (best.confidence === "certain") break;
  }
  return best.platform;
}

/** What the device says to one command. */
async function said(terminal: DeviceTerminal, command: string): Promise<string> {
  let text = "";
  const exchange = new Exchange(
    terminal,
    { command },
    {
      onOutput: (piece) => {
        if (text.length < probeCharacters) text += piece;
      },
      onQuestion: () => undefined,
      onAsk: () => undefined,
    },
  );
  exchange.begin();
  await exchange.within(probeLimitMs);
  return text;
}

import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { Places, ResolvedValue, TrustOffer } from "./cli/index.ts";
import {
  channelsPerConnection,
  configDirectory,
  ensurePrivateDirectory,
  listMatchCommands,
  openConfig,
  readAskWaitMs,
  sshConfigFiles,
  stateDirectory,
  type Config,
} from "./config/index.ts";
import { askForPrograms } from "./ask-for-programs.ts";
import type { FrontDesk } from "./front-desk.ts";
import { askPeople } from "./people.ts";
import { openRoute, createSessionBook, displayOf, type AsksForSecrets, type SessionBook } from "./sessions/index.ts";
import {
  createEngine,
  loadSsh2,
  offerHostKey,
  X11Forward,
  type HostKeyOffer,
  type KnownHostPlace,
  type PersonQuestions,
  type SshEngine,
} from "./ssh/index.ts";
import { LogShelf } from "./logs/index.ts";
import { resolvedValues } from "./resolved-values.ts";
import { SecretBroker } from "./secrets/index.ts";
import { createFileStore } from "./store/index.ts";
import { copyWords, createToolHost, openGate, type OpenToolHost, toolTable } from "./tools/index.ts";

/** Builds everything that serves calls, in the order of the layers; `close` ends it in reverse. Rejects with `config_invalid`. */
export async function openApp({ desk, redactor, config }: FrontDesk): Promise<OpenToolHost> {
  // Checked now, so that a call says what is wrong with it.
  readAskWaitMs();
  const secrets = new SecretBroker({ desk, config, onSecret: (secret) => void redactor.learn(secret) });
  const sessions = await openSessions(config, {
    people: askPeople(desk, secrets),
    programs: askForPrograms(desk, secrets),
    secrets,
    onSecret: (secret) => void redactor.learn(secret),
  });
  const gate = { ...openGate, redact: Object.assign((text: string) => redactor.redact(text), { borders: redactor }) };
  // What a process that is gone has left off goes on.
  sessions.copies.takeOver(copyWords).catch(() => undefined);
  return {
    host: createToolHost({ sessions, desk, config, gate, shelf: logShelf(config) }),
    busy: async () =>
      sessions.tunnels.list().length > 0 ||
      (await sessions.list({})).some(({ state, running }) => state === "attached" && running.length > 0),
    close: async () => {
      await sessions.shutdown();
      secrets.close();
    },
  };
}

function logShelf(config: Config): LogShelf {
  return new LogShelf(
    () => config.logs.directory ?? join(stateDirectory(), "logs"),
    () => config.logs,
  );
}

/** Where logs are, and whether any are written. Rejects with `config_invalid`. */
export async function logPlace(): Promise<{ readonly directory: string; readonly record: boolean }> {
  const config = openConfig();
  await config.rules();
  return { directory: config.logs.directory ?? join(stateDirectory(), "logs"), record: config.logs.record };
}

/** Loads what the first call would load otherwise. */
export async function loadAhead(): Promise<void> {
  // Its first key pair is what takes time; it is used for nothing.
  generateKeyPairSync("x25519");
  for (const tool of toolTable) tool.prepare();
  await loadSsh2();
}

interface SessionSurroundings {
  /** Whom to ask; nobody where it is left out. */
  readonly people?: PersonQuestions;
  /** Who answers what programs on hosts ask. */
  readonly programs?: AsksForSecrets;
  readonly secrets?: SecretBroker;
  /** Told each password and passphrase before it is used. */
  readonly onSecret?: (secret: string) => void;
}

async function openSessions(
  config: Config,
  { people, programs, secrets, onSecret }: SessionSurroundings = {},
): Promise<SessionBook> {
  const directory = stateDirectory();
  await ensurePrivateDirectory(directory);
  const store = createFileStore({
    directory: join(directory, "sessions"),
    onBad: ({ name, reason }) => {
      process.stderr.write(`holdfast: the record ${name} in ${directory} is ignored: ${reason}\n`);
    },
  });
  const ssh = createEngine({ channelLimit: channelsPerConnection(), people });
  const engine: SshEngine = {
    // All that is asked for is passed on: what is forgotten here (a stream through a bastion) goes out another way, and nothing fails.
    connect: (...request) => {
      const [{ password, passphrase }] = request;
      for (const secret of [password, passphrase]) if (secret !== undefined) onSecret?.(secret);
      return ssh.connect(...request);
    },
  };
  const accountLeft = (names: readonly string[]): void => secrets?.forget(names);
  const asked = {
    ...(people === undefined ? {} : { people }),
    ...(programs === undefined ? {} : { secrets: programs }),
  };
  return createSessionBook({ config, engine, store, accountLeft, ...asked });
}

/** Where things are kept, for people. */
export function places(): Places {
  const [sshConfigFile = "ssh_config"] = sshConfigFiles(process.env);
  return {
    stateDirectory: stateDirectory(),
    configDirectory: configDirectory(),
    configFile: openConfig().file,
    matchCommands: () => listMatchCommands(),
    sshConfigFile,
  };
}

/** The host key of a target beside what is known of it, looked at through the hosts on the way. Rejects as connecting does before the login, and as reaching a host on the way does. */
export async function offerTrust(target: string): Promise<TrustOffer> {
  const config = openConfig();
  const route = await openRoute(await config.resolve(target), { config, engine: createEngine() });
  try {
    return trustOffer(await offerHostKey(route.plan, { stream: route.stream }));
  } finally {
    await route.close();
  }
}

/** Goes to each host on the way to a target, one after the other, and tells each that was reached. Rejects as reaching the first other one does. */
export async function tryWay(target: string, onHop: (hop: string) => void): Promise<void> {
  const config = openConfig();
  const route = await openRoute(await config.resolve(target), { config, engine: createEngine(), onHop });
  await route.close();
}

/** Opens the display of this machine as a target may use it, and closes it again: what it is, undefined where X11 is off. Rejects with why it cannot be used. */
export async function tryDisplay(target: string): Promise<string | undefined> {
  const display = displayOf(await openConfig().resolve(target));
  if (display === "off") return undefined;
  (await X11Forward.open(display)).close();
  return `${display.display ?? ""} lets ${display.trust} programs of the host in`;
}

function trustOffer(offer: HostKeyOffer): TrustOffer {
  return {
    address: offer.target,
    keyType: offer.keyType,
    fingerprint: offer.fingerprint,
    standing: offer.standing,
    known: offer.known === undefined ? undefined : placeText(offer.known),
    accept: () => {
      const report = offer.accept();
      const remains =
        report.remains === undefined
          ? []
          : [`✘ ${placeText(report.remains)} still has the former key: remove that line`];
      return [`✔ Remembered in ${report.file}`, ...remains];
    },
  };
}

function placeText(place: KnownHostPlace): string {
  const line = place.line === 0 ? "" : ` line ${place.line}`;
  return `${place.file}${line}, ${place.fingerprint}`;
}

/** What the settings file holds, in words; undefined where there is none. Rejects with `config_invalid`. */
export async function describeConfig(): Promise<string | undefined> {
  const config = openConfig();
  const [rules, targets] = [await config.rules(), await config.targets()];
  const own = targets.filter(({ source }) => source === config.file).length;
  const set = [
    `${own} ${own === 1 ? "target" : "targets"}`,
    ...(rules.onlyConfiguredTargets ? ["only configured targets"] : []),
    ...(rules.hideAddresses ? ["addresses hidden"] : []),
    ...(rules.secretsInCalls === "refuse" ? ["no secrets in calls"] : []),
  ];
  return rules.file === undefined ? undefined : set.join(", ");
}

/** What a target resolves to, each value with where it came from. Rejects with `bad_input` or `config_invalid`. */
export async function describeTarget(text: string): Promise<readonly ResolvedValue[]> {
  return resolvedValues(await openConfig().resolve(text));
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openConfig } from "../../src/config/index.ts";
import {
  createSessionBook,
  type AsksForSecrets,
  type OpenRequest,
  type SecretAnswer,
  type SecretQuestion,
  type SessionBook,
  type SessionView,
} from "../../src/sessions/index.ts";
import { createSsh2Engine } from "../../src/ssh/index.ts";
import { createMemoryStore, type DocumentStore } from "../../src/store/index.ts";
import type { Cleanup } from "../helpers/cleanup.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { startTcpProxy, type TestServer } from "../helpers/servers/index.ts";

/** A command that takes longer than this on a device of these tests is not coming to its end. */
const commandLimitMs = 60_000;

/** How far a device is. */
export interface DeviceLink {
  readonly name: string;
  readonly oneWayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond?: number;
}

export const links: readonly DeviceLink[] = [
  { name: "0 ms", oneWayMs: 0, jitterMs: 0 },
  { name: "40±15 ms", oneWayMs: 40, jitterMs: 15 },
  { name: "10±5 ms, 500 kbit/s", oneWayMs: 10, jitterMs: 5, bytesPerSecond: 62_500 },
];

/** The configuration for a client that reaches the host by `link`. */
export async function byLink(cleanup: Cleanup, host: TestServer, link: DeviceLink): Promise<string> {
  if (link.oneWayMs === 0) return host.sshConfigFile;
  const proxy = await startTcpProxy(host.port);
  cleanup.add(() => proxy.stop());
  const { oneWayMs, jitterMs, bytesPerSecond } = link;
  proxy.delay(oneWayMs, { jitterMs, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) });
  const file = join(host.directory, `ssh_config_${proxy.port}`);
  const text = readFileSync(host.sshConfigFile, "utf8").replace(/Port \d+/, `Port ${proxy.port}`);
  writeFileSync(file, `${text}  HostKeyAlias [127.0.0.1]:${host.port}\n`, { mode: 0o600 });
  return file;
}

/** A session on a device, and the book that it is in. */
export interface OpenedDevice {
  readonly session: SessionView;
  readonly book: SessionBook;
}

/** A session on a device, with a book and settings of its own: many of them may be open in one process. */
export async function openDevice(
  cleanup: Cleanup,
  sshConfigFile: string,
  about: Pick<OpenRequest, "platform" | "password" | "enablePassword" | "connectTimeoutMs">,
  person?: (question: SecretQuestion) => SecretAnswer,
): Promise<SessionView> {
  return (await openInBook(cleanup, sshConfigFile, about, person)).session;
}

/** The same with its book; `store`: what another book has kept; `carrier`: a device, unless it is to be found out. */
export async function openInBook(
  cleanup: Cleanup,
  sshConfigFile: string,
  {
    store = createMemoryStore(),
    carrier = "device",
    ...about
  }: Pick<OpenRequest, "platform" | "password" | "enablePassword" | "connectTimeoutMs" | "carrier"> & {
    readonly store?: DocumentStore;
  },
  person?: (question: SecretQuestion) => SecretAnswer,
): Promise<OpenedDevice> {
  const place = await createPrivatePlace(sshConfigFile);
  cleanup.add(() => place.remove());
  const config = openConfig({ ...process.env, ...place.env });
  const secrets: AsksForSecrets = {
    ask: async (question) => {
      if (person !== undefined) return Promise.resolve(person(question));
      return Promise.resolve(
        about.enablePassword === undefined ? { refused: "nobody" } : { secret: about.enablePassword },
      );
    },
  };
  const book = createSessionBook({ engine: createSsh2Engine(), store, config, secrets });
  cleanup.add(() => book.shutdown());
  return { book, session: await book.open({ target: "box", name: "dev", carrier, ...about }) };
}

/** What a command came to. */
export interface Result {
  readonly state: string;
  /** The prompt behind it. */
  readonly prompt: string;
  readonly output: string;
}

/** Runs one command to its end. */
export async function runOn(session: SessionView, command: string): Promise<Result> {
  const view = await session.run({ command });
  await view.ended(commandLimitMs);
  const { bytes } = await view.read("stdout", 0, 16_000_000);
  return { state: view.state.kind, prompt: view.directory ?? "", output: Buffer.from(bytes).toString() };
}

/** One line of a trial: what is sent, and what must come of it. */
export interface Step {
  readonly command: string;
  readonly state: string;
  /** How the prompt behind it must end. */
  readonly prompt: string;
  /** Whether this is all of its output and nothing else. */
  isWhole(output: string): boolean;
}

/** Runs `count` commands, the steps over and over; what was wrong, in words. */
export async function runTrial(
  session: SessionView,
  steps: readonly Step[],
  count: number,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const step = steps[at % steps.length];
    if (step === undefined) break;
    const { state, prompt, output } = await runOn(session, step.command);
    const what = `${at}: ${step.command}`;
    if (state !== step.state) wrong.push(`${what}: ${state}, not ${step.state}: ${output.slice(-200)}`);
    else if (!prompt.endsWith(step.prompt)) wrong.push(`${what}: its prompt is ${prompt}`);
    else if (!step.isWhole(output)) wrong.push(`${what}: its output is ${JSON.stringify(output.slice(0, 400))}`);
  }
  return wrong;
}

const silent = (output: string): boolean => output === "";

/** A place in the configuration, the mode that it is, and a line that changes nothing there. */
export interface ConfigPlace {
  readonly enter: string;
  readonly mode: string;
  readonly same: string;
}

export const dummyInterface: ConfigPlace = { enter: "interface dummy7", mode: "config-if", same: "description link 7" };
export const bgpRouter: ConfigPlace = {
  enter: "router bgp 65001",
  mode: "config-router",
  same: "bgp router-id 10.0.0.1",
};

/** What a router is asked in a round, in all of its modes. `running` is its configuration, as it prints it. */
export function routerSteps(
  host: string,
  version: string,
  running: string,
  { enter, mode, same }: ConfigPlace = dummyInterface,
): readonly Step[] {
  const priv = `${host}#`;
  const within = (name: string): string => `${host}(${name})#`;
  return [
    { command: "show version", state: "done", prompt: priv, isWhole: (output) => output === version },
    { command: "show running-config", state: "done", prompt: priv, isWhole: (output) => output === running },
    { command: "configure terminal", state: "done", prompt: within("config"), isWhole: silent },
    { command: enter, state: "done", prompt: within(mode), isWhole: silent },
    { command: same, state: "done", prompt: within(mode), isWhole: silent },
    {
      command: "nonsense here",
      state: "error",
      prompt: within(mode),
      isWhole: (output) => /^% (?:\[(?:ZEBRA|BGP)\] )?Unknown command: nonsense here\n$/.test(output),
    },
    { command: "exit", state: "done", prompt: within("config"), isWhole: silent },
    { command: "end", state: "done", prompt: priv, isWhole: silent },
    { command: "show version", state: "done", prompt: priv, isWhole: (output) => output === version },
    { command: "write terminal", state: "done", prompt: priv, isWhole: (output) => output === running },
  ];
}

/** The same where nobody may do more than look. */
export function watcherSteps(host: string, version: string, interfaces: string): readonly Step[] {
  const prompt = `${host}>`;
  const refused = (line: string) => ({
    command: line,
    state: "error",
    prompt,
    isWhole: (output: string) => output === `% Unknown command: ${line}\n`,
  });
  return [
    { command: "show version", state: "done", prompt, isWhole: (output) => output === version },
    refused("configure terminal"),
    { command: "show interface brief", state: "done", prompt, isWhole: (output) => output === interfaces },
    refused("nonsense here"),
  ];
}

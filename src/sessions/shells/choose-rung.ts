import { HoldfastError, randomHex } from "../../base/index.ts";
import type { FirstExec, SshConnection } from "../../ssh/index.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { DeviceShell } from "../devices/device-shell.ts";
import type { FirstCommand } from "../host-shell/first-flight.ts";
import { HostShell } from "../host-shell/host-shell.ts";
import { SessionBirth, type SpawnRequest } from "../host-shell/session-birth.ts";
import type { SessionRecord } from "../session-record.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import { askedLanguage, type WindowsLanguage } from "../windows/windows-language.ts";
import { windowsShell } from "../windows/windows-shell.ts";
import { ConnectionShell } from "./connection-shell.ts";
import { execShell } from "./exec-shell.ts";
import { ladderReason } from "./ladder-reason.ts";
import { plainly } from "./plain-boot.ts";
import { probeExec } from "./probe-exec.ts";
import type { ExecFacts } from "./read-probe.ts";
import type { Rung, SessionShell } from "./session-shell.ts";

export interface LadderRequest {
  readonly spawn: SpawnRequest;
  /** The best rung that is wanted. */
  readonly from: Rung;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** What the caller says that it is. */
  readonly platform: string | undefined;
  /** A command that goes out with the making of a session on the host; elsewhere it is left to be run. */
  readonly first: FirstCommand | undefined;
  /** It as a network device, where it may be one. */
  readonly device: DeviceWay;
  /** Who is asked for what sudo wants to know. */
  readonly ask: AskForSession;
  connect(first?: FirstExec): Promise<SshConnection>;
}

/** A host as a network device. */
export interface DeviceWay {
  /** What tells that it is one, before anything is sent: in words; undefined where nothing does. */
  told(connection: SshConnection): Promise<string | undefined>;
  shell(): DeviceShell;
}

/** What a session stands on. */
export interface Chosen {
  readonly facts: string;
  /** The session on the host; on the lower rungs, where nothing is there, an identity of no use. */
  readonly identity: Pick<SpawnRequest, "id" | "key">;
  /** What its record must tell of it. */
  readonly marks: Pick<SessionRecord, "rung" | "why" | "plain" | "platform">;
  /** The shell that was started, attached. */
  readonly shell: SessionShell;
  /** The first command, when it was started with the session. */
  readonly command?: HostCommand | undefined;
}

/**
 * Takes the best rung that the host offers, from `request.from` down. A normal host is asked once. Rejects with `unsupported` when the
 * login carries no session at all (the message has what the host says), and as connecting and attaching do.
 */
export async function chooseRung(request: LadderRequest): Promise<Chosen> {
  if (request.from === "device") return deviceRung(request, "asked for");
  if (request.from === "windows") return namedWindows(request);
  if (request.from === "exec") return execRung(request, "asked for with kind exec");
  if (request.from === "host") {
    const tried = await hostRung(request);
    if ("facts" in tried) return tried;
    if (tried.lacks === "device") return deviceRung(request, tried.reason);
    const below =
      tried.lacks === "shell" || tried.lacks === "posix"
        ? undefined
        : await connectionRung(request, tried.reason, tried.plain);
    return below ?? execOrDevice(request, tried.reason);
  }
  const reason = "asked for with keep connection";
  const asked = (await connectionRung(request, reason, false)) ?? (await connectionRung(request, reason, true));
  return asked ?? execOrDevice(request, "its login starts no /bin/sh");
}

/** How network devices refuse what is no command of theirs. A program that says something else is waited for in vain. */
const deviceRefuses =
  /(?:^|\s)%\s?\w|\b(?:unknown (?:command|action|element)|invalid (?:(?:auto)?command|input|syntax)|(?:syntax|parse) error|bad command|unrecognized)/i;

/** Channels for commands, or, for a login that runs none, the command line of a network device, if it is one. */
async function execOrDevice(request: LadderRequest, reason: string): Promise<Chosen> {
  try {
    return await execRung(request, reason);
  } catch (error) {
    if (!(error instanceof HoldfastError && error.code === "unsupported")) throw error;
    const { says } = error.details;
    if (typeof says === "string" && !deviceRefuses.test(says)) throw error;
    // What a login without commands says is the better message than what it lacks to be a device.
    return deviceRung(request, "its prompt").catch(() => {
      throw error;
    });
  }
}

/** The command line of a network device. Rejects as opening one does. */
async function deviceRung({ device }: LadderRequest, reason: string): Promise<Chosen> {
  const shell = device.shell();
  try {
    await shell.attach();
  } catch (error) {
    await shell.detach();
    throw error;
  }
  const marks = { rung: "device" as const, why: `a network device's command line: ${reason}` };
  return { facts: shell.platform?.title ?? "", identity: noIdentity(), marks, shell };
}

/** Why there is no host shell. */
interface Missing {
  readonly lacks: string;
  readonly reason: string;
  readonly plain: boolean;
}

/** What says of itself that it runs on Windows. */
const windowsServer = /^SSH-[\d.]+-OpenSSH_for_Windows/;

function onWindows(): HoldfastError {
  const why = "its SSH server is one for Windows";
  return new HoldfastError("unsupported", why, { details: { lacks: "posix", why } });
}

/** A session on the host, or what the host lacks for one. */
async function hostRung(request: LadderRequest): Promise<Chosen | Missing> {
  const usual = await tryHost(request, false);
  if ("facts" in usual || usual.lacks !== "shell") return usual;
  const plain = await tryHost(request, true);
  return "facts" in plain || plain.lacks !== "shell" ? plain : usual;
}

async function tryHost(request: LadderRequest, plain: boolean): Promise<Chosen | Missing> {
  const { name, id, key, directory } = request.spawn;
  let unreachable: unknown;
  const dial = async (first?: FirstExec): Promise<SshConnection> => {
    const connection = await request.connect(first).catch((error: unknown) => {
      unreachable = error;
      throw error;
    });
    // Some devices end the whole connection at the first command that is no line of theirs.
    if (windowsServer.test(connection.serverIdentification)) throw onWindows();
    const told = await request.device.told(connection);
    if (told === undefined) return connection;
    throw new HoldfastError("unsupported", told, { details: { lacks: "device" } });
  };
  const birth = new SessionBirth(plain ? plainly(dial) : dial, request.spawn);
  const shell = new HostShell({
    session: name,
    id,
    key,
    base: directory,
    ask: request.ask,
    connect: (first) => birth.connect(first),
  });
  try {
    const command = request.first === undefined ? undefined : await shell.begin(request.first);
    await shell.attach();
    return { facts: birth.facts, identity: { id, key }, marks: plain ? { plain } : {}, shell, command };
  } catch (error) {
    await shell.detach();
    const verdict = error instanceof HoldfastError && error.code === "unsupported" && error !== unreachable;
    if (!verdict) throw error;
    return { lacks: String(error.details["lacks"] ?? "shell"), reason: ladderReason(error), plain };
  }
}

async function connectionRung(request: LadderRequest, reason: string, plain: boolean): Promise<Chosen | undefined> {
  const { name, first, start } = request.spawn;
  const dial = (): Promise<SshConnection> => request.connect();
  const connect = plain ? plainly(dial) : dial;
  const shell = new ConnectionShell({ session: name, first, start, usedBefore: false, connect });
  try {
    await shell.attach();
  } catch (error) {
    await shell.detach();
    if (error instanceof HoldfastError && error.code === "unsupported") return undefined;
    throw error;
  }
  const marks = { rung: "connection" as const, why: `connection shell: ${reason}`, ...(plain ? { plain } : {}) };
  return { facts: shell.facts, identity: noIdentity(), marks, shell };
}

async function execRung(request: LadderRequest, reason: string): Promise<Chosen> {
  const told = await probeExec(await request.connect());
  if (told.language !== "posix") return windowsRung(request, told, told.language);
  const { home, facts } = told;
  const { name, first } = request.spawn;
  const connect = async (): Promise<SshConnection> => request.connect();
  const shell = execShell({ session: name, first, home, cwd: request.cwd, connect });
  const marks = { rung: "exec" as const, why: `one channel per command: ${reason}` };
  return { facts, identity: noIdentity(), marks, shell };
}

/** Windows, in the language that the caller has chosen. */
async function namedWindows(request: LadderRequest): Promise<Chosen> {
  const language = askedLanguage(request.platform);
  const told = await probeExec(await request.connect());
  const possible = told.language !== "posix" && (language !== "cmd" || told.language === "cmd");
  if (possible) return windowsRung(request, told, language);
  const what = told.language === "posix" ? "a POSIX shell" : "PowerShell";
  throw new HoldfastError("unsupported", `${request.platform ?? ""} is not possible: the login shell is ${what}`, {
    hint: "Leave platform out",
  });
}

/** Each command in cmd.exe or PowerShell. */
async function windowsRung(request: LadderRequest, { facts }: ExecFacts, language: WindowsLanguage): Promise<Chosen> {
  const { spawn, cwd, env } = request;
  const connect = async (): Promise<SshConnection> => request.connect();
  const common = { session: spawn.name, first: spawn.first, usedBefore: false, connect };
  const shell = windowsShell({ ...common, language, cwd, env });
  const marks = { rung: "windows" as const, why: windowsLife, platform: `windows-${language}` };
  return Promise.resolve({ facts, identity: noIdentity(), marks, shell });
}

/** What does not survive there, for the first line of a reply. */
const windowsLife = "Windows: everything that runs is lost with the connection; directory and variables are kept here";

function noIdentity(): Chosen["identity"] {
  return { id: randomHex(8), key: randomHex(16) };
}

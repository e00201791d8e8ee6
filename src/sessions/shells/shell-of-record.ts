import type { Target } from "../../config/index.ts";
import type { FirstExec, SshConnection } from "../../ssh/index.ts";
import type { DeviceDesk } from "../devices/device-desk.ts";
import { HostShell } from "../host-shell/host-shell.ts";
import type { SessionRecord } from "../session-record.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import { readLanguage } from "../windows/windows-language.ts";
import { windowsShell } from "../windows/windows-shell.ts";
import { ConnectionShell } from "./connection-shell.ts";
import { execShell } from "./exec-shell.ts";
import { plainly } from "./plain-boot.ts";
import type { SessionShell } from "./session-shell.ts";

type Dial = (first?: FirstExec) => Promise<SshConnection>;

/** Connections for a session as its login shell needs them. */
export function connectFor(record: SessionRecord, dial: Dial): Dial {
  return record.plain === true ? plainly(dial) : dial;
}

interface ShellParts {
  readonly ask: AskForSession;
  readonly devices: DeviceDesk;
  readonly dial: Dial;
  readonly target: () => Promise<Target>;
}

/** The shell of a session that is known by its record: the same one where it lives on the host, else a new one of its kind. */
export function shellOfRecord(record: SessionRecord, { ask, devices, dial, target }: ShellParts): SessionShell {
  const connect = connectFor(record, dial);
  const { name, account, reserved: first, platform } = record;
  const common = { session: name, first, connect };
  if (record.rung === "device") {
    return devices.shell({ name, account, first, platform, usedBefore: true, target, ask, connect });
  }
  if (record.rung === "connection") return new ConnectionShell({ ...common, start: "", usedBefore: true });
  if (record.rung === "windows") {
    return windowsShell({ ...common, language: readLanguage(platform), env: {}, cwd: undefined, usedBefore: true });
  }
  if (record.rung === "exec") return execShell({ ...common, home: undefined });
  return new HostShell({ session: name, id: record.id, key: record.key, base: record.base ?? "", ask, connect });
}

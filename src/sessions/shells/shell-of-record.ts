import type { FirstExec, SshConnection } from "../../ssh/index.ts";
import { HostShell } from "../host-shell/host-shell.ts";
import type { SessionRecord } from "../session-record.ts";
import type { AskForSession } from "../sudo/password-asks.ts";
import { ConnectionShell } from "./connection-shell.ts";
import { ExecShell } from "./exec-shell.ts";
import { plainly } from "./plain-boot.ts";
import type { SessionShell } from "./session-shell.ts";

type Dial = (first?: FirstExec) => Promise<SshConnection>;

/** Connections for a session as its login shell needs them. */
export function connectFor(record: SessionRecord, dial: Dial): Dial {
  return record.plain === true ? plainly(dial) : dial;
}

/** The shell of a session that is known by its record: the same one where it lives on the host, else a new one of its kind. */
export function shellOfRecord(record: SessionRecord, ask: AskForSession, dial: Dial): SessionShell {
  const connect = connectFor(record, dial);
  const common = { session: record.name, first: record.reserved, connect };
  if (record.rung === "connection") return new ConnectionShell({ ...common, start: "", usedBefore: true });
  if (record.rung === "exec") return new ExecShell({ ...common, home: undefined });
  return new HostShell({ session: record.name, id: record.id, key: record.key, base: record.base ?? "", ask, connect });
}

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What an audit of `hide_addresses` asks of the helpers: `npm run veil` plays suites with it. */
interface VeilAudit {
  /** Where all that clients hear is kept. */
  readonly directory: string;
  /** The address of this machine at which hosts are reached: nothing else has it. */
  readonly address: string;
  /** Who logs in where the current user would. */
  readonly user: string;
  /** False where it is to be seen that the audit finds what is not hidden. */
  readonly hide: boolean;
}

/** Where hosts are reached in an audit: of this machine, and of no suite. */
export const auditedAddress = "127.83.71.59";

function readAudit(env: NodeJS.ProcessEnv): VeilAudit | undefined {
  const [directory, user] = [env["HOLDFAST_VEIL_AUDIT"], env["HOLDFAST_VEIL_USER"]];
  if (directory === undefined || user === undefined) return undefined;
  return { directory, user, address: auditedAddress, hide: env["HOLDFAST_VEIL_HIDE"] !== "0" };
}

/** The audit that runs, if one does. */
export const veilAudit = readAudit(process.env);

/** Makes the server of a place hide addresses, where an audit runs; a suite with a settings file of its own replaces this one. */
export function veilPlace(configDirectory: string): void {
  if (veilAudit?.hide !== true) return;
  mkdirSync(configDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(configDirectory, "config.yaml"), "hide_addresses: true\n", { mode: 0o600 });
}

/** Keeps the log of the daemon of a place for the audit, where one runs. */
export function keepDaemonLog(root: string): void {
  const log = join(root, "state", "daemon.log");
  if (veilAudit !== undefined && existsSync(log)) {
    copyFileSync(log, join(veilAudit.directory, `${basename(root)}.daemon.log`));
  }
}

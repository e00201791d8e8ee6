import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../helpers/cleanup.ts";
import { makeTempDir, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

const program = fileURLToPath(new URL("emulator/device.py", import.meta.url));

/** What a device of these tests is and how it misbehaves. */
export interface EmulatedDevice {
  readonly family: "ios" | "xr" | "junos" | "vrp" | "fortios" | "routeros" | "sros";
  readonly host?: string;
  readonly banner?: string;
  readonly enable?: string;
  readonly line_password?: string;
  /** Lines of a page before anything turns paging off; 0: none. */
  readonly page?: number;
  /** Bytes that it writes at a time, and the pause behind each, from and to. */
  readonly chunk?: number;
  readonly pause_ms?: readonly [number, number];
  /** How often a log line comes between, and the prompt once more. */
  readonly noise?: number;
  /** Output that looks like prompts, pagers and questions. */
  readonly hostile?: boolean;
  /** The mode after the login. */
  readonly mode?: string;
  readonly silent?: boolean;
  /** It says nothing before the Enter key is pressed. */
  readonly wake?: boolean;
  /** It closes instead of showing a prompt. */
  readonly closes?: boolean;
  /** A login program asks for this name and password, and again when somebody has left. */
  readonly login?: readonly [user: string, password: string];
  readonly no_echo?: boolean;
  readonly dies_at?: string;
  readonly commit_fails?: boolean;
  readonly slow_s?: number;
  readonly seed?: number;
}

/** A device that runs behind a real sshd, on a real terminal. */
export interface RunningDevice {
  readonly host: TestServer;
  /** What was typed so far, a line each; `secret ` before what was not shown. */
  readonly typed: () => readonly string[];
}

/** Starts one, behind an sshd with these lines more; each terminal is a device of its own. */
export async function startEmulated(
  cleanup: Cleanup,
  device: EmulatedDevice,
  sshd: readonly string[] = [],
): Promise<RunningDevice> {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  const log = join(directory.path, "typed");
  const settings = join(directory.path, "device.json");
  writeFileSync(settings, JSON.stringify({ ...device, log }));
  const host = await startOpenSsh({ config: [...sshd, `ForceCommand exec python3 ${program} ${settings}`] });
  cleanup.add(() => host.stop());
  return {
    host,
    typed: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .split("\n")
            .flatMap((line) => (line === "" ? [] : [String(JSON.parse(line))]))
        : [],
  };
}

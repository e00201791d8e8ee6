import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { ladderPlace, type LadderPlace } from "../ladder/ladder-place.ts";
import { makeTempDir } from "../helpers/servers/index.ts";

/** Making Wine's Windows takes some 10 s on an idle machine. */
const bootLimitMs = 300_000;

/** Where Debian's openssh-sftp-server has it. */
const sftpServer = "/usr/lib/openssh/sftp-server";

/**
 * A login whose shell is Wine's cmd.exe, given the line as sshd on Windows gives it: what stands before the first blank is the program, and the
 * rest is the line, untouched. Wine's own start would put backslashes before quotes, which are therefore put in by a variable.
 */
function loginScript(proxy: string): string {
  return `#!/bin/sh
export WINEPREFIX="$HOME/wine" WINEDEBUG=-all LANG=C.UTF-8 HFQ='"'
drive=$WINEPREFIX/drive_c
cd "$drive/users/$(id -un)" || exit 70
case $2 in
  *sftp-server*) exec '${process.execPath}' '${proxy}' ${sftpServer} "$drive";;
esac
exec wine cmd /c "$(printf %s "$2" | sed 's/"/%HFQ%/g')"
`;
}

/** A Windows host: a user of their own with Wine's drive C, on an sshd of their own. Paths of its SFTP are those of Windows. */
export async function windowsHost(cleanup: Cleanup): Promise<LadderPlace> {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  chmodSync(directory.path, 0o755);
  const proxy = join(directory.path, "sftp-with-drives.mjs");
  copyFileSync(join(import.meta.dirname, "sftp-with-drives.mjs"), proxy);
  chmodSync(proxy, 0o644);
  const shell = join(directory.path, "hf-wincmd");
  writeFileSync(shell, loginScript(proxy));
  chmodSync(shell, 0o755);
  const place = await ladderPlace(cleanup, { shell, sftp: false, config: [`Subsystem sftp ${sftpServer}`] });
  if (place.user === undefined) throw new Error("only root can make the user of a Windows host");
  bootWine(place.user);
  return place;
}

function bootWine({ name, home }: { readonly name: string; readonly home: string }): void {
  const env = ["env", `HOME=${home}`, `WINEPREFIX=${home}/wine`, "WINEDEBUG=-all", "DISPLAY="];
  const made = spawnSync("runuser", ["-u", name, "--", ...env, "wineboot", "-i"], {
    // What it leaves running would hold a pipe open.
    stdio: "ignore",
    timeout: bootLimitMs,
    cwd: home,
  });
  if (made.status !== 0) throw new Error(`wineboot: ${made.error?.message ?? `status ${String(made.status)}`}`);
}

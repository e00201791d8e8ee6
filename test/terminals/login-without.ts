import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { makeTempDir } from "../helpers/servers/index.ts";

/** What could keep a terminal, by the beginnings of the names. */
export const keeping = ["script", "python", "perl", "tmux", "screen", "dtach", "expect", "socat"] as const;

/** A forced command that is a login with this shell, which finds the programs of this machine but those whose names begin so. */
export function loginWithout(cleanup: Cleanup, names: readonly string[], shell: string): string {
  const programs = makeTempDir();
  cleanup.add(() => {
    programs.remove();
  });
  for (const directory of ["/usr/bin", "/bin"]) {
    for (const name of readdirSync(directory)) {
      if (names.some((word) => name.startsWith(word))) continue;
      try {
        symlinkSync(join(directory, name), join(programs.path, name));
      } catch {
        // It is in both.
      }
    }
  }
  const login = join(programs.path, "hf-login");
  const lines = [`export PATH=${programs.path} SHELL=${shell}`, 'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'];
  writeFileSync(login, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
  return login;
}

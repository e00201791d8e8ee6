import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Cleanup } from "../helpers/cleanup.ts";
import { makeTempDir } from "../helpers/servers/index.ts";
import { script } from "./ladder-place.ts";

/** Mounts of one's own need root and a kernel that lets it. */
export const canUnshare =
  process.getuid?.() === 0 && spawnSync("unshare", ["-m", "mount", "--make-rprivate", "/"]).status === 0;

/** A login to whom everything is read-only. */
export function readOnlyHost(cleanup: Cleanup): string {
  return script(
    cleanup,
    `#!/bin/sh
exec unshare -m /bin/sh -c '
mount --make-rprivate /
mount -o remount,bind,ro / 2>/dev/null
for d in /tmp /var/tmp /dev/shm /run /run/user/0 "$HOME" "$HOME/.cache" /var /home; do
  [ -d "$d" ] || continue
  mount --bind "$d" "$d" && mount -o remount,bind,ro "$d"
done 2>/dev/null
eval "\${SSH_ORIGINAL_COMMAND:-exec /bin/sh}"'
`,
  );
}

/** A login to whom every file system is full. */
export function fullHost(cleanup: Cleanup): string {
  return script(
    cleanup,
    `#!/bin/sh
exec unshare -m /bin/sh -c '
mount --make-rprivate /
mkdir -p "$HOME/.cache"
for d in /tmp /var/tmp "$HOME/.cache" "$HOME"; do
  mount -t tmpfs -o size=8k,nr_inodes=4 full "$d"; cat /dev/zero >"$d/fill"
done 2>/dev/null
eval "\${SSH_ORIGINAL_COMMAND:-exec /bin/sh}"'
`,
  );
}

/** What a small system has. */
const applets =
  "sh ash cat tail wc mkdir rm sleep printf mkfifo dd head ps kill tr ls mv cut stat test sed uname env true false echo pwd".split(
    " ",
  );

/** A root directory with busybox and nothing else, with few of its applets or with all; undefined where that cannot be made. */
export function busyboxRoot(cleanup: Cleanup, all = false): string | undefined {
  const directory = makeTempDir();
  const root = join(directory.path, "root");
  cleanup.add(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) endIfIn(root, Number(pid));
    directory.remove();
  });
  for (const name of ["bin", "proc", "tmp", "var/tmp", "dev", "root", "etc", "usr/bin", "usr/lib"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/ash\n", { mode: 0o644 });
  for (const [name, number] of [
    ["stdin", 0],
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    symlinkSync(`/proc/self/fd/${String(number)}`, join(root, "dev", name));
  }
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  const listed = spawnSync("/bin/busybox", ["--list"], { encoding: "utf8" }).stdout.split("\n");
  const names = all ? listed.filter((name) => name !== "" && name !== "busybox") : applets;
  for (const name of names) symlinkSync("busybox", join(root, "bin", name));
  const libraries = spawnSync("ldd", ["/bin/busybox"], { encoding: "utf8" }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  const made = [
    ["null", "1", "3"],
    ["zero", "1", "5"],
    ["urandom", "1", "9"],
  ].every(([name = "", major = "", minor = ""]) => {
    return spawnSync("mknod", ["-m", "666", join(root, "dev", name), "c", major, minor]).status === 0;
  });
  const runs = spawnSync("chroot", [root, "/bin/sh", "-c", "echo up >/dev/null && echo up"], { encoding: "utf8" });
  return made && runs.stdout === "up\n" ? root : undefined;
}

/** A session that a failed test has left would live for days. */
function endIfIn(root: string, pid: number): void {
  try {
    if (readlinkSync(`/proc/${String(pid)}/root`) === root) process.kill(pid, "SIGKILL");
  } catch {
    // Gone while we looked.
  }
}

/** A login into such a root directory, with /proc. */
export function busyboxHost(cleanup: Cleanup, root: string): string {
  return script(
    cleanup,
    `#!/bin/sh
export SSH_ORIGINAL_COMMAND
exec unshare -m /bin/sh -c '
mount --make-rprivate /
mount -t proc proc "$1/proc"
exec env -i PATH=/bin HOME=/root SHELL=/bin/ash /usr/sbin/chroot "$1" /bin/ash -c "$SSH_ORIGINAL_COMMAND"' sh '${root}'
`,
  );
}

/** A login that finds the programs of this machine but those in \`without\`. */
export function hostWithout(cleanup: Cleanup, ...without: readonly string[]): string {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  chmodSync(directory.path, 0o755);
  const names = ["bash", ...applets].filter((name) => name !== "ash" && !without.includes(name));
  for (const name of names) {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
    const path = found.stdout.trim();
    if (path.startsWith("/")) symlinkSync(path, join(directory.path, basename(path)));
  }
  return script(cleanup, `#!/bin/sh\nPATH=${directory.path}\nexport PATH\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`);
}

import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { monotonicMs } from "../../src/base/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";

/** It takes one second; a machine under load may take many. What hangs takes for ever. */
const answersWithinMs = 30_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

/** Mounts of one's own need root and a kernel that lets it. */
const canUnshare =
  process.getuid?.() === 0 && spawnSync("unshare", ["-m", "mount", "--make-rprivate", "/"]).status === 0;

const readOnlyEverywhere = `#!/bin/sh
# Everything that this user could write to is read-only in a mount namespace of the login's own.
exec unshare -m /bin/sh -c '
mount --make-rprivate /
mount -o remount,bind,ro / 2>/dev/null
for d in /tmp /var/tmp /dev/shm /run /run/user/0 "$HOME" "$HOME/.cache" /var /home; do
  [ -d "$d" ] || continue
  mount --bind "$d" "$d" && mount -o remount,bind,ro "$d"
done 2>/dev/null
eval "\${SSH_ORIGINAL_COMMAND:-exec /bin/sh}"'
`;

test.runIf(canUnshare)(
  "a host where nothing can be written: ssh_open says what it offers or why not, and does not hang",
  async () => {
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    const wrapper = join(directory.path, "read-only");
    await writeFile(wrapper, readOnlyEverywhere);
    await chmod(wrapper, 0o755);
    const sshd = await startOpenSsh({ config: [`ForceCommand ${wrapper}`] });
    cleanup.add(() => sshd.stop());
    const place = await createPrivatePlace(sshd.sshConfigFile);
    cleanup.add(() => place.remove());
    const holdfast = await Holdfast.start(place);
    cleanup.add(() => holdfast.stop());

    const startedAt = monotonicMs();
    const reply = await holdfast.call("ssh_open", { target: "box" });
    const tookMs = monotonicMs() - startedAt;

    const whyNot = /^(?:unsupported|session_lost): .*(?:writable|read-only|written).*\. .*\.$/i;
    expect(reply.text).toMatch(reply.isError ? whyNot : /^open · .*survives disconnects: no/);
    expect(tookMs).toBeLessThan(answersWithinMs);
    expect((await holdfast.call("ssh_list", {})).isError).toBe(false);
  },
);

import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { HoldfastError, asHoldfastError, monotonicMs } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { playStep } from "../torture/play-case.ts";
import { ladderPlace, script, untilNothingIsLeft, type LadderHost } from "./ladder-place.ts";
import { busyboxHost, busyboxRoot, canUnshare, fullHost, hostWithout, readOnlyHost } from "./odd-hosts.ts";

/** The promise for hosts that end the channel: what cannot carry a session says so within this after the login. */
const saysNoWithinMs = 2_000;

/** For everything else on a slow machine. */
const limitMs = 60_000;

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

type MakeHost = (own: Cleanup) => LadderHost | undefined;

/** Bytes, streams, status and directory, on whatever rung. */
async function runsExactly(session: SessionView): Promise<void> {
  const first = await playStep(session, { run: "printf 'a\\377b'; printf E >&2; sh -c 'exit 3'" }, limitMs);
  expect(first.stdout.toString("latin1")).toBe("a\u00FFb");
  expect(first.stderr.toString()).toBe("E");
  expect(first.status).toBe(3);
  const moved = await playStep(session, { run: "cd /bin" }, limitMs);
  expect([moved.status, moved.stdout.length]).toEqual([0, 0]);
  const where = await playStep(session, { run: "pwd" }, limitMs);
  expect(where.stdout.toString()).toMatch(/^\/(?:usr\/)?bin\n$/);
  expect(where.command.directory).toMatch(/^\/(?:usr\/)?bin$/);
}

async function opens(make: MakeHost): Promise<Pick<SessionView, "survives" | "hostFacts"> | undefined> {
  const host = make(cleanup);
  if (host === undefined || (host.shell !== undefined && !existsSync(host.shell))) return undefined;
  const { book, user } = await ladderPlace(cleanup, host);
  const session = await book.open({ target: "box" });
  await runsExactly(session);
  const { survives, hostFacts } = session;
  expect((await book.close("box")).left).toBeUndefined();
  if (user !== undefined) await untilNothingIsLeft(user);
  return { survives, hostFacts };
}

const onHost: Readonly<Record<string, MakeHost>> = {
  "login shell mksh": () => ({ shell: "/bin/mksh" }),
  "login shell ksh": () => ({ shell: "/bin/ksh" }),
  "login shell tcsh": () => ({ shell: "/bin/tcsh" }),
  "login shell fish": () => ({ shell: "/usr/bin/fish" }),
  "login shell rbash, with sh in its PATH": () => ({ shell: "/bin/rbash" }),
  "MaxSessions 1": () => ({ config: ["MaxSessions 1"] }),
  "PermitTTY no": () => ({ config: ["PermitTTY no"] }),
  "no forwarding, no SFTP": () => ({ config: ["DisableForwarding yes", "Subsystem none /bin/false"] }),
  "rc that prints on both streams": () => ({ home: { ".bashrc": "echo noise; echo noise >&2\n" } }),
  "rc that takes 3 s": () => ({ home: { ".bashrc": "sleep 3\n" } }),
  "rc that executes another shell or tmux at a terminal": () => ({
    home: { ".bashrc": "case $- in *i*) exec zsh -l;; esac; [ -t 0 ] && exec tmux new-session -A\n" },
  }),
  "rc with set -eu": () => ({ home: { ".bashrc": "set -eu -o pipefail\nreadonly PS1 PROMPT_COMMAND=\n" } }),
  "a forced command that runs what was asked for": (own) => ({
    config: [`ForceCommand ${script(own, '#!/bin/sh\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n')}`],
  }),
};

const onChannel: Readonly<Record<string, readonly [MakeHost, RegExp]>> = {
  "everything is read-only": [
    (own) => (canUnshare ? { asRoot: true, config: [`ForceCommand ${readOnlyHost(own)}`] } : undefined),
    /^connection shell: read-only \/var\/tmp, \/tmp.* and home$/,
  ],
  "everything is full": [
    (own) => (canUnshare ? { asRoot: true, config: [`ForceCommand ${fullHost(own)}`] } : undefined),
    /^connection shell: full \/var\/tmp, \/tmp.* and home$/,
  ],
  "no mkfifo": [
    (own) => ({ config: [`ForceCommand ${hostWithout(own, "mkfifo")}`] }),
    /^connection shell: the host lacks mkfifo$/,
  ],
  "a login shell that knows no sh": [
    (own) => ({
      shell: script(
        own,
        '#!/bin/sh\ncase $2 in *"sh -c \'IFS="*) echo "not here" >&2; exit 1;; esac\nexec /bin/sh -c "$2"\n',
      ),
    }),
    /^one channel per command: its login starts no \/bin\/sh, it says: not here$/,
  ],
  "the same with MaxSessions 1": [
    (own) => ({
      config: ["MaxSessions 1"],
      shell: script(
        own,
        '#!/bin/sh\ncase $2 in *"sh -c \'IFS="*) echo "not here" >&2; exit 1;; esac\nexec /bin/sh -c "$2"\n',
      ),
    }),
    /^one channel per command: /,
  ],
};

const onNothing: Readonly<Record<string, readonly [MakeHost, RegExp]>> = {
  nologin: [() => ({ shell: "/usr/sbin/nologin" }), /not available/],
  "git-shell": [() => ({ shell: "/usr/bin/git-shell" }), /git|unrecognized|interactive/i],
  "file transfer only": [() => ({ config: ["ForceCommand internal-sftp"] }), /sftp/],
  "a forced command that does something else": [() => ({ config: ["ForceCommand echo hello there"] }), /hello there/],
  "a forced command that repeats what it gets": [
    () => ({ config: ['ForceCommand echo "you wanted: $SSH_ORIGINAL_COMMAND"; cat'] }),
    /you wanted/,
  ],
  "a shell that is not there any more": [(own) => ({ shell: script(own, "#!/no/such/interpreter\n") }), /says/],
};

describe.runIf(canMakeUsers)("the rung that a host offers", () => {
  test.for(Object.entries(onHost))("host shell: %s", { timeout: limitMs }, async ([, make], { skip }) => {
    const session = await opens(make);
    if (session === undefined) return skip("this machine cannot play that host");
    expect(session.survives).toEqual({ disconnects: true, reason: "" });
  });

  test.for(Object.entries(onChannel))("less: %s", { timeout: limitMs }, async ([, [make, reason]], { skip }) => {
    const session = await opens(make);
    if (session === undefined) return skip("this machine cannot play that host");
    expect(session.survives.reason).toMatch(reason);
    expect(session.survives.disconnects).toBe(false);
  });

  test.each(Object.entries(onNothing))("nothing: %s", { timeout: limitMs }, async (_, [make, said]) => {
    const host = make(cleanup);
    if (host?.shell !== undefined && !existsSync(host.shell)) return;
    const { book, server } = await ladderPlace(cleanup, host);
    const startedAt = monotonicMs();
    const error = await book.open({ target: "box" }).then(
      () => undefined,
      (thrown: unknown) => asHoldfastError(thrown),
    );
    const tookMs = monotonicMs() - startedAt;
    expect(error, server.log()).toBeInstanceOf(HoldfastError);
    expect(error?.code).toBe("unsupported");
    expect(error?.message).toMatch(said);
    expect(tookMs).toBeLessThan(saysNoWithinMs);
    expect(await book.list({})).toEqual([]);
  });

  test("host shell: a root directory with 25 busybox applets", { timeout: limitMs }, async ({ skip }) => {
    const root = canUnshare ? busyboxRoot(cleanup) : undefined;
    if (root === undefined) return skip("needs mounts of its own, mknod and chroot");
    const session = await opens((own) => ({ asRoot: true, config: [`ForceCommand ${busyboxHost(own, root)}`] }));
    expect(session?.survives).toEqual({ disconnects: true, reason: "" });
    expect(session?.hostFacts).toMatch(/ash$/);
  });
});

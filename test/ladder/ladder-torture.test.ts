import { afterEach, describe, expect, test } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { sweepLeftovers } from "../helpers/leftovers.ts";
import { openBook } from "../helpers/open-book.ts";
import { canMakeUsers, createLoginUser, startDropbear } from "../helpers/servers/index.ts";
import { playAll } from "../torture/play-all.ts";
import { playsInFull } from "../torture/plays-in-full.ts";
import { tortureCases } from "../torture/torture-cases.ts";
import { complaints } from "../torture/torture-table.ts";
import { ladderPlace, untilNothingIsLeft } from "./ladder-place.ts";
import { busyboxHost, busyboxRoot, canUnshare } from "./odd-hosts.ts";

/** All cases in one session; several times what a slow machine needs. */
const limitMs = playsInFull ? 1_800_000 : 300_000;

/** Lists end as a whole by the host shell's own means: without them a signal hits what runs, and the shell goes on with its line. */
const listsAsAWhole = tortureCases
  .map((torture) => torture.name)
  .filter((name) =>
    /^(?:TERM|KILL) to (?:a (?:list|loop in a function|pipeline in a list|substitution|busy loop of builtins|shell that starts the next part.*)|processes that start one another)$|^a time limit ends all|^many aborted lines/.test(
      name,
    ),
  );

/** Background jobs share the channel's streams with the command that runs; exported variables die with the shell; see docs/ladder.md. */
const notOnAChannel: ReadonlySet<string> = new Set([
  "many commands at once",
  "many commands in a row",
  "return outside a function",
  "late output of a background job stays out of the next command",
  "late output of a grandchild stays out of the next command",
  "exit 7",
  ...listsAsAWhole,
]);

/** No state but the directory, and what the login shell itself makes of a text. */
const notByExec: ReadonlySet<string> = new Set([
  "many commands at once",
  "many commands in a row",
  "100 KB command",
  "2 MB command",
  "return outside a function",
  "child killed by KILL",
  "directory with space, quote and newline",
  "directory deleted",
  "export",
  "plain variable",
  "functions",
  "aliases",
  "umask",
  "$? of the previous command",
  "trap",
  "file descriptors 3 to 9 are the user's",
  "exit 7",
  "EXIT trap does not fire per command",
  "exit after an EXIT trap of the user's",
  ...listsAsAWhole,
  ...tortureCases
    .map((torture) => torture.name)
    .filter((name) => /^(?:syntax error|INT to|TERM to|KILL to)/.test(name)),
]);

/** busybox's ls shows other characters as question marks; the session is root's, and so are processes of others. */
const notOnBusybox: ReadonlySet<string> = new Set(["unicode in names", "many commands in a row"]);

const cleanup = new Cleanup();

afterEach(() => cleanup.run());

const rungs = [
  ["bash", "connection", notOnAChannel],
  ["bash", "exec", notByExec],
  ["dash", "connection", notOnAChannel],
  ["zsh", "connection", notOnAChannel],
] as const;

describe.runIf(canMakeUsers)("torture on the lower rungs", () => {
  test.each(playsInFull ? rungs : rungs.slice(0, 2))(
    "login shell %s, rung %s",
    { timeout: limitMs },
    async (shell, carrier, skip) => {
      const { book, user } = await ladderPlace(cleanup, { shell: `/bin/${shell}` });
      const session = await book.open({ target: "box", carrier });
      expect(session.survives.disconnects).toBe(false);
      const played = await playAll(book, "box", shell, { carrier, skip });
      expect(complaints(played)).toBe("");
      expect(played.filter((one) => one.verdict === "right").length).toBeGreaterThan(90);
      expect((await book.close("box")).left).toBeUndefined();
      if (user !== undefined) await untilNothingIsLeft(user);
    },
  );

  test.runIf(playsInFull)("login shell bash on dropbear, rung connection", { timeout: limitMs }, async () => {
    const user = await createLoginUser({ shell: "bash" });
    cleanup.add(() => {
      user.remove();
      sweepLeftovers(user);
    });
    const server = await startDropbear({ loginUser: user });
    cleanup.add(() => server.stop());
    const place = await openBook(server.sshConfigFile);
    cleanup.add(() => place.remove());
    const { book } = place;
    // dropbear's pipes belong to root, so that nobody else can open them by name.
    const skip = new Set([...notOnAChannel, "/dev/stdout, /dev/stderr, tee"]);
    expect(complaints(await playAll(book, "box", "bash", { carrier: "connection", skip }))).toBe("");
    expect((await book.close("box")).left).toBeUndefined();
    await untilNothingIsLeft(user);
  });

  test("host shell on busybox alone", { timeout: limitMs }, async ({ skip }) => {
    const root = canUnshare ? busyboxRoot(cleanup, true) : undefined;
    if (root === undefined) return skip("needs mounts of its own, mknod and chroot");
    const { book } = await ladderPlace(cleanup, {
      asRoot: true,
      config: [`ForceCommand ${busyboxHost(cleanup, root)}`],
    });
    const session = await book.open({ target: "box" });
    expect(session.survives.disconnects).toBe(true);
    const played = await playAll(book, "box", "ash", { skip: notOnBusybox });
    expect(complaints(played)).toBe("");
    expect((await book.close("box")).left).toBeUndefined();
  });
});

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers, makeTempDir, waitUntil } from "../helpers/servers/index.ts";
import { canUnshare } from "../ladder/odd-hosts.ts";
import { playsInFull } from "./plays-in-full.ts";
import { Person, SudoPlace, run } from "../sudo/sudo-place.ts";

/** Two files there and one back, by a session `filing` that is made for it where there is none, with one question. */
async function copies(place: SudoPlace, directory: string): Promise<void> {
  const person = new Person(() => place.user.password);
  place.meet(person);
  const here = makeTempDir();
  place.cleanup.add(() => {
    here.remove();
  });
  const content = randomBytes(300_000);
  mkdirSync(join(here.path, "tree/sub"), { recursive: true });
  writeFileSync(join(here.path, "tree/a"), content, { mode: 0o640 });
  writeFileSync(join(here.path, "tree/sub/\u00FC"), "b");
  const there = join(directory, "it's copied");
  const up = {
    from: join(here.path, "tree/"),
    to: `filing:${there}`,
    recursive: true,
    verify: true,
    sudo: true,
    wait_s: 300,
  };
  expect(await place.call("ssh_copy", up)).toMatch(/^copied · 2 files · /);
  expect(readFileSync(join(there, "a"))).toEqual(content);
  expect(statSync(join(there, "a"))).toMatchObject({ uid: 0, mode: 0o100_640 });
  expect(readFileSync(join(there, "sub/\u00FC"), "utf8")).toBe("b");
  const down = { from: `filing:${there}/a`, to: join(here.path, "back"), sudo: true, wait_s: 300 };
  expect(await place.call("ssh_copy", down)).toMatch(/^copied · /);
  expect(readFileSync(join(here.path, "back"))).toEqual(content);
  expect(person.asked).toHaveLength(1);
}

/** What files and commands of the session `filing` ask for, where nothing is remembered. */
async function sharesTicket(place: SudoPlace, session: SessionView, directory: string): Promise<void> {
  const call = (tool: string, args: Readonly<Record<string, unknown>>): Promise<string> =>
    place.call(tool, { on: "filing", ...args });
  const person = new Person(() => place.user.password, false);
  place.meet(person);
  expect(await run(session, "sudo id -un; cd /; (exit 7)")).toMatchObject({ status: 7, stdout: "root\n" });
  const path = join(directory, "it's \\ a `file`");
  expect(await call("ssh_file_write", { path, content: "old", sudo: true })).toMatch(/^written · /);
  const edits = [{ old: "old", new: "new" }];
  expect(await call("ssh_file_edit", { path, edits, sudo: true })).toMatch(/^edited · /);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(person.asked).toHaveLength(1);
  expect(await run(session, 'echo "$? $PWD"; jobs')).toMatchObject({ stdout: "7 /\n", stderr: "" });
  const busy = await session.run({ command: "sleep 600" });
  expect(await call("ssh_file_read", { path, sudo: true })).toMatch(/\nnew$/);
  expect(person.asked).toHaveLength(2);
  await busy.stop("INT");
  await busy.ended(60_000);
  expect(busy.state).toMatchObject({ kind: "signalled" });
  expect((await run(session, "ls ${SUDO_ASKPASS%/bin/ask} | grep -c '^el'")).stdout).toBe("0\n");
  await run(session, "cd");
}

describe.runIf(playsInFull && canMakeUsers).each(["dash", "zsh", "busybox", "fish"] as const)(
  "the login shell %s",
  (shell) => {
    it("shares its tickets with files", async () => {
      const place = await SudoPlace.open(shell);
      try {
        place.allow("@ ALL=(ALL:ALL) ALL");
        const directory = makeTempDir();
        place.cleanup.add(() => {
          directory.remove();
        });
        chmodSync(directory.path, 0o700);
        await sharesTicket(place, await place.session("filing"), directory.path);
      } finally {
        await place.cleanup.run();
      }
    });
  },
);

describe.runIf(playsInFull && canMakeUsers && canUnshare)("copies by sudo without a program for file transfer", () => {
  it("go through a shell", async () => {
    const place = await SudoPlace.open("bash", "mount --bind /dev/null /usr/lib/openssh/sftp-server");
    try {
      place.allow("@ ALL=(ALL:ALL) ALL");
      await place.session("filing");
      const directory = makeTempDir();
      place.cleanup.add(() => {
        directory.remove();
      });
      chmodSync(directory.path, 0o700);
      await copies(place, directory.path);
    } finally {
      await place.cleanup.run();
    }
  });
});

describe.runIf(canMakeUsers)("files by sudo that wants a password", () => {
  let place: SudoPlace;
  let session: SessionView;
  let directory: string;
  beforeAll(async () => {
    place = await SudoPlace.open();
    const temporary = makeTempDir();
    place.cleanup.add(() => {
      temporary.remove();
    });
    directory = temporary.path;
    session = await place.session("filing");
  });
  afterAll(() => place.cleanup.run());
  beforeEach(() => {
    // Root's alone, with a file of another user's in it.
    chmodSync(directory, 0o700);
    place.allow("@ ALL=(ALL:ALL) ALL");
  });

  const at = (name: string): string => join(directory, name);
  const call = (tool: string, args: Readonly<Record<string, unknown>>): Promise<string> =>
    place.call(tool, { on: "filing", ...args });

  it("is asked once, and the file has its owner and mode", async () => {
    const person = new Person(() => place.user.password);
    place.meet(person);
    writeFileSync(at("kept"), "old\n");
    chownSync(at("kept"), 65_534, 65_534);
    chmodSync(at("kept"), 0o640);
    const written = await call("ssh_file_write", { path: at("kept"), content: "new\n", sudo: true });
    expect(written).toMatch(/^written · 4 bytes · sha256 \w+ · -rw-r----- nobody nogroup · /);
    expect(readFileSync(at("kept"), "utf8")).toBe("new\n");
    expect(statSync(at("kept"))).toMatchObject({ uid: 65_534, gid: 65_534, mode: 0o100_640 });
    expect(await call("ssh_file_read", { path: at("kept"), sudo: true })).toMatch(/\nnew\n/);
    const edited = await call("ssh_file_edit", { path: at("kept"), edits: [{ old: "new", new: "newer" }], sudo: true });
    expect(edited).toMatch(/^edited · 1 place · /);
    expect(await call("ssh_file_write", { path: at("own"), content: "x", sudo: true, permissions: "0600" })).toMatch(
      /-rw------- root root · .* · new$/,
    );
    expect(person.asked).toHaveLength(1);
    expect(person.asked[0]).toMatchObject({ kind: "sudo", session: "filing", doubt: undefined });
    expect(person.asked[0]?.command).toContain(
      `/usr/bin/sudo -A -- /bin/sh -c 'echo "$3" >&2;IFS= read -r s;eval "$(printf %b "$s")"' ssh_file_write ${place.user.home} ${at("kept")}`,
    );
  });

  it("is asked once for calls at the same time, of a ticket or not", async () => {
    place.allow("Defaults:@ timestamp_timeout=0", "@ ALL=(ALL:ALL) ALL");
    const person = new Person(() => delay(300).then(() => place.user.password));
    place.meet(person);
    const names = ["a", "b", "c", "d"].map((name) => at(name));
    const replies = await Promise.all(
      names.map((path) => call("ssh_file_write", { path, content: path, sudo: true, mode: "create" })),
    );
    for (const reply of replies) expect(reply).toMatch(/^written · .* root root · /);
    expect(names.map((path) => readFileSync(path, "utf8"))).toEqual(names);
    expect(person.asked).toHaveLength(1);
    expect(person.questions).toHaveLength(4);
  });

  it("takes the ticket of the session, where its shell is free, and leaves that as it was", async () => {
    await sharesTicket(place, session, directory);
  });

  it("serves another user than root", async () => {
    place.meet(new Person(() => place.user.password));
    mkdirSync(at("theirs"));
    chownSync(at("theirs"), 65_534, 65_534);
    chmodSync(directory, 0o711);
    expect(await call("ssh_file_write", { path: at("theirs/f"), content: "x", sudo: "nobody" })).toMatch(
      / nobody nogroup · .* · new$/,
    );
    expect(statSync(at("theirs/f")).uid).toBe(65_534);
    expect(await call("ssh_file_write", { path: at("g"), content: "x", sudo: "nobody" })).toMatch(/^file_denied: /);
    expect(await call("ssh_file_read", { path: at("theirs/f"), sudo: "no one" })).toMatch(
      /^bad_input: "no one" is no user/,
    );
    expect(await call("ssh_file_read", { path: at("theirs/f"), sudo: "nobody-at-all" })).toMatch(
      /^file_denied: .*unknown user/,
    );
    expect(await call("ssh_file_read", { path: "~", sudo: place.user.name })).toMatch(/^directory · /);
  });

  it("writes nothing and says why when it is not given", async () => {
    writeFileSync(at("old"), "old");
    const write = (): Promise<string> => call("ssh_file_write", { path: at("old"), content: "new", sudo: true });
    place.meet(new Person(() => ""));
    expect(await write()).toMatch(
      /^file_denied: .*sudo did not let it through \(sudo got no password: a person said no; no password was provided[^)]*\); nothing was done\. Ask/,
    );
    const stubborn = new Person(() => "wrong");
    place.meet(stubborn);
    place.allow("Defaults:@ passwd_tries=2", "@ ALL=(ALL) ALL");
    expect(await write()).toMatch(/^file_denied: .*2 incorrect password attempts/);
    expect(stubborn.asked).toHaveLength(2);
    place.meet(new Person(() => place.user.password));
    place.allow("# nothing");
    expect(await write()).toMatch(/^file_denied: .*not in the sudoers file.* The rules of sudo/);
    place.allow("@ ALL=(ALL) /usr/bin/true");
    expect(await write()).toMatch(/^file_denied: .*not allowed to execute .* The rules of sudo/s);
    expect(readdirSync(directory).filter((name) => name.startsWith(".holdfast"))).toEqual([]);
    expect(readFileSync(at("old"), "utf8")).toBe("old");
  });

  it("is no question any more when nobody waits for the call", async () => {
    let over: AbortSignal | undefined;
    place.meet({
      ask: async (_question, signal) => {
        over = signal;
        await delay(60_000, signal);
        return { refused: "over" };
      },
    });
    const caller = new AbortController();
    const reply = place.call(
      "ssh_file_write",
      { on: "filing", path: at("never"), content: "x", sudo: true },
      caller.signal,
    );
    await waitUntil("sudo asks", () => over !== undefined);
    caller.abort();
    expect(await reply).toMatch(/^cancelled: /);
    expect(over?.aborted).toBe(true);
    expect(existsSync(at("never"))).toBe(false);
    expect((await run(session, "pgrep -u 0 -f ssh_file_write | grep -c .")).stdout).toBe("0\n");
  });

  it("is asked again when the connection was lost meanwhile, and the file is written once", async () => {
    let asked = 0;
    place.meet({
      ask: async (_question, signal) => {
        asked += 1;
        if (asked === 1) {
          place.cut();
          await delay(60_000, signal);
          return { refused: "over" };
        }
        return { secret: place.user.password };
      },
    });
    expect(await call("ssh_file_write", { path: at("cut"), content: "x", sudo: true })).toMatch(/^written · /);
    expect(readFileSync(at("cut"), "utf8")).toBe("x");
  });

  it("is asked once for copies", async () => {
    await copies(place, directory);
  });

  it("copies nothing and says why when it is not given", async () => {
    place.meet(new Person(() => ""));
    writeFileSync(at("untouched"), "old");
    const args = { from: "filing:.profile", to: `filing:${at("untouched")}`, sudo: true };
    writeFileSync(join(place.user.home, ".profile"), "newer");
    expect(await place.call("ssh_copy", args)).toMatch(/^file_denied: .*sudo got no password: a person said no/);
    expect(await place.call("ssh_copy", { ...args, sudo: undefined })).toMatch(/^file_denied: /);
    place.meet(new Person(() => place.user.password));
    expect(await place.call("ssh_copy", { ...args, sudo: "nobody" })).toMatch(/^file_denied: /);
    expect(readFileSync(at("untouched"), "utf8")).toBe("old");
    expect(await place.call("ssh_copy", args)).toMatch(/^copied · /);
    expect(readFileSync(at("untouched"), "utf8")).toBe("newer");
  });
});

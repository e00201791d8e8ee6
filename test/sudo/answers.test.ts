import { symlinkSync, readdirSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers, waitUntil } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

describe.runIf(canMakeUsers)("a password for sudo", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    session = await place.session("answers");
  });
  afterAll(() => place.cleanup.run());

  function meet(types: () => string | Promise<string>, ...rules: readonly string[]): Person {
    const person = new Person(types);
    place.meet(person);
    place.allow(...(rules.length === 0 ? ["@ ALL=(ALL:ALL) ALL"] : rules));
    return person;
  }

  it("is asked of a person who sees what will run, and the call says that it waits", async () => {
    let type: (text: string) => void = () => undefined;
    const person = meet(() => new Promise<string>((resolve) => (type = resolve)));
    const command = await session.run({ command: "sudo id -un 'a b' 2>&1; sudo id -un" });
    await waitUntil("sudo asks", () => person.asked.length === 1);
    const prompt = `[sudo] password for ${place.user.name}:`;
    expect(command.waitingFor).toBe(`sudo asks: ${prompt}`);
    expect(person.asked[0]).toMatchObject({
      kind: "sudo",
      session: "answers",
      user: place.user.name,
      prompt,
      command: "/usr/bin/sudo -A id -un 'a b'",
      doubt: undefined,
    });
    await delay(200);
    expect(command.state.kind).toBe("running");
    type(place.user.password);
    await command.ended(30_000);
    expect(command.state).toEqual({ kind: "exited", status: 0 });
    expect(command.waitingFor).toBeUndefined();
    expect(person.asked).toHaveLength(1);
  });

  it("serves sudo: true and another user, with directory and variables", async () => {
    const person = meet(() => place.user.password);
    expect(await run(session, { command: "id -un", sudo: "root" })).toMatchObject({ status: 0, stdout: "root\n" });
    const other = { command: 'id -un; pwd; echo "$A"; exit 3', sudo: "nobody", cwd: "/tmp", env: { A: "it's" } };
    expect(await run(session, other)).toMatchObject({ status: 3, stdout: "nobody\n/tmp\nit's\n", stderr: "" });
    const beside = { command: "cat; id -un", sudo: "root", background: true, stdin: "in\n" };
    expect(await run(session, beside)).toMatchObject({ status: 0, stdout: "in\nroot\n", notes: [] });
    expect(person.asked).toHaveLength(1);
    expect((await run(session, "id -un")).stdout).toBe(`${place.user.name}\n`);
  });

  it("is not asked where none is needed or wanted", async () => {
    const person = meet(() => place.user.password, "@ ALL=(ALL) NOPASSWD: ALL");
    expect(await run(session, { command: "id -un", sudo: "root" })).toMatchObject({ status: 0, stdout: "root\n" });
    place.allow("@ ALL=(ALL:ALL) ALL");
    expect(await run(session, "sudo -n id")).toMatchObject({ status: 1, stderr: "sudo: a password is required\n" });
    const own = await run(session, { command: "sudo -p '' -S id -un", stdin: `${place.user.password}\n` });
    expect(own).toMatchObject({ status: 0, stdout: "root\n" });
    expect(await run(session, "sudo -K; sudo -V | head -n 1")).toMatchObject({
      stdout: expect.stringMatching(/^Sudo/),
    });
    expect(person.questions).toEqual([]);
  });

  it("that is wrong is asked again, as often as sudo does", async () => {
    let tries = 0;
    const person = meet(() => ((tries += 1) === 1 ? "wrong" : place.user.password));
    expect(await run(session, "sudo -k id -un")).toMatchObject({ status: 0, stdout: "root\n" });
    expect(person.asked).toHaveLength(2);
    expect(new Set(person.asked.map(({ askerKey }) => askerKey)).size).toBe(1);
    const stubborn = meet(() => "wrong", "Defaults:@ passwd_tries=2", "@ ALL=(ALL) ALL");
    const failed = await run(session, "sudo -k id -un");
    expect(failed).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/2 incorrect password/) });
    expect(stubborn.asked).toHaveLength(2);
  });

  it("that nobody gives ends sudo at once, with one question", async () => {
    const person = meet(() => "");
    const refused = await run(session, "sudo -k id -un");
    expect(refused).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/no password was provided/) });
    expect(refused.notes).toEqual(["sudo got no password: a person said no"]);
    expect(person.asked).toHaveLength(1);
  });

  it("does not help who may not", async () => {
    const person = meet(() => place.user.password, "@ ALL=(ALL) /usr/bin/true");
    expect(await run(session, { command: "id", sudo: "root" })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not allowed/),
    });
    // The rule names a program, so a plain one is run as it is.
    expect((await run(session, { command: "true", sudo: "root" })).status).toBe(0);
    expect(person.asked).toHaveLength(1);
    meet(() => place.user.password, "# nothing");
    expect(await run(session, "sudo id")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not in the sudoers/),
    });
  });

  it("is asked in the host's words, whatever they are, without what deceives", async () => {
    const person = meet(() => place.user.password, 'Defaults:@ passprompt="Пароль für %p 密码："', "@ ALL=(ALL) ALL");
    expect((await run(session, "sudo -k id -un")).stdout).toBe("root\n");
    expect(person.asked[0]?.prompt).toBe(`Пароль für ${place.user.name} 密码：`);
    await run(session, String.raw`sudo -k -p "$(printf 'a\033[31mb\342\200\256c\nd')" id -un`);
    expect(person.questions.at(-1)?.prompt).toBe("a [31mbc d");
  });

  it("is no question any more when its command was stopped", async () => {
    let signal: AbortSignal | undefined;
    place.allow("@ ALL=(ALL:ALL) ALL");
    place.meet({
      ask: async (_question, over) => {
        signal = over;
        await delay(60_000, over);
        return { refused: "over" };
      },
    });
    const command = await session.run({ command: "sudo -k id -un; echo after" });
    await waitUntil("sudo asks", () => signal !== undefined);
    await command.stop("TERM");
    await command.ended(30_000);
    expect(command.state.kind).not.toBe("running");
    await waitUntil("the question ends", () => signal?.aborted === true);
    expect(await run(session, "echo alive")).toMatchObject({ status: 0, stdout: "alive\n" });
  });

  it("is not there where sudo is not", async () => {
    const bin = join(place.user.home, "bin");
    mkdirSync(bin);
    for (const name of readdirSync("/usr/bin")) if (name !== "sudo") symlinkSync(`/usr/bin/${name}`, join(bin, name));
    writeFileSync(join(place.user.home, ".bashrc"), `PATH=${bin}\n`);
    const without = await place.session("without");
    expect(await run(without, "command -v sudo; echo ${SUDO_ASKPASS-none}")).toMatchObject({ stdout: "none\n" });
    expect(await run(without, { command: "id", sudo: "root" })).toMatchObject({ status: 127 });
    writeFileSync(join(place.user.home, ".bashrc"), "");
  });
});

describe.runIf(canMakeUsers).each(["dash", "zsh", "busybox", "fish"] as const)("with the login shell %s", (shell) => {
  it("sudo asks, as itself and for a call", async () => {
    const place = await SudoPlace.open(shell);
    try {
      const person = new Person(() => place.user.password);
      place.meet(person);
      place.allow("@ ALL=(ALL:ALL) ALL");
      const session = await place.session("other");
      expect(await run(session, "sudo id -un | cat; (sudo id -un; :)")).toMatchObject({ stdout: "root\nroot\n" });
      expect(await run(session, { command: "for i in a b; do id -un; done", sudo: "root" })).toMatchObject({
        status: 0,
        stdout: "root\nroot\n",
        stderr: "",
      });
      expect(person.asked).toHaveLength(1);
    } finally {
      await place.cleanup.run();
    }
  });
});

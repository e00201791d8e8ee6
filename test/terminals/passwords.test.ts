import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { CommandView, SecretQuestion, SessionView } from "../../src/sessions/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "../sudo/sudo-place.ts";

const terminal = { columns: 100, rows: 30 };
/** Each answer is typed only when its program has waited for some seconds: a new password, which passwd wants twice, takes long. */
const whole = process.env["HOLDFAST_SUDO"] === "full";

const doasRules = "/etc/doas.conf";

describe.runIf(canMakeUsers)("a password on a terminal", () => {
  let place: SudoPlace;
  let session: SessionView;
  let me = "";
  let rulesBefore: string | undefined;

  beforeAll(async () => {
    place = await SudoPlace.open();
    me = place.user.name;
    rulesBefore = existsSync(doasRules) ? readFileSync(doasRules, "utf8") : undefined;
    writeFileSync(doasRules, `${rulesBefore ?? ""}permit ${me}\n`, { mode: 0o400 });
    place.cleanup.add(() => {
      if (rulesBefore === undefined) rmSync(doasRules, { force: true });
      else writeFileSync(doasRules, rulesBefore, { mode: 0o400 });
    });
    place.allow("@ ALL=(ALL:ALL) NOPASSWD: ALL");
    session = await place.session("typed");
  });
  afterAll(() => place.cleanup.run());

  async function shown(command: CommandView): Promise<string> {
    return Buffer.from((await command.read("stdout", 0, 1_000_000)).bytes).toString();
  }

  function refusals(command: CommandView): boolean {
    return command.notes.some((note) => / got no password: /.test(note));
  }

  /** All at the same time: each answer is typed only when its program has waited for a while. */
  it("is asked for and typed for su, doas and passwd, and the command waits for a person meanwhile", async () => {
    const { password } = place.user;
    const fresh = `${password}-Xq7new`;
    const waited: string[] = [];
    const running: CommandView[] = [];
    const person = new Person(({ prompt }) => {
      waited.push(...running.flatMap(({ waitingFor = [] }) => waitingFor));
      if (/new/i.test(prompt)) return whole ? fresh : "";
      return password;
    }, false);
    place.meet(person);
    const start = (command: string): Promise<CommandView> => session.run({ command, terminal, timeoutMs: 60_000 });
    const [su, doas, passwd] = await Promise.all([
      start(`su ${me} -c 'id -un; echo done'`),
      start("doas -u root sh -c 'id -un; echo done'"),
      start("passwd"),
    ]);
    running.push(su, doas, passwd);
    if (!whole) {
      await eventually("a new password is refused", 60_000, () => (refusals(passwd) ? true : undefined));
      await passwd.stop("KILL");
    }
    await Promise.all(running.map((command) => command.ended(70_000)));
    expect(await shown(su)).toMatch(new RegExp(`assword[^\\r\\n]*\\r\\n${me}\\r\\ndone\\r\\n$`));
    expect(await shown(doas)).toMatch(/assword[^\r\n]*\r\nroot\r\ndone\r\n$/);
    if (whole) expect(await shown(passwd)).toMatch(/updated successfully/);
    for (const command of whole ? running : [su, doas]) {
      expect(command.state).toEqual({ kind: "exited", status: 0 });
      expect(command.notes).toEqual([expect.stringMatching(/^terminal /)]);
    }
    const kinds = person.asked.map(({ kind }: SecretQuestion) => kind);
    expect(kinds.toSorted()).toEqual(["doas", "passwd", "passwd", ...(whole ? ["passwd"] : []), "su"]);
    const [question] = person.asked.filter(({ kind }) => kind === "su");
    expect(question).toMatchObject({ user: me, doubt: undefined, command: `su ${me} -c 'id -un; echo done'` });
    expect(question?.prompt).toMatch(/assword/);
    expect(waited.join("\n")).toMatch(/^(su|doas|passwd) asks: /);
    execFileSync("chpasswd", { input: `${me}:${password}\n` });
  });

  it("is not asked for again when a person says no: the program waits, and can be interrupted", async () => {
    const person = new Person(() => "", false);
    place.meet(person);
    const command = await session.run({ command: `su ${me}`, terminal });
    await eventually("the refusal is told", 30_000, () => (refusals(command) ? true : undefined));
    await command.stop("INT");
    await command.ended(20_000);
    expect(command.state.kind).not.toBe("running");
    expect(person.asked).toHaveLength(1);
  });

  it("that a terminal would act upon is not typed", async () => {
    place.meet(new Person(() => "abc\u0003def", false));
    const command = await session.run({ command: `su ${me}`, terminal });
    await eventually("the refusal is told", 30_000, () =>
      /control character/.test(command.notes.join("\n")) ? true : undefined,
    );
    await command.stop("KILL");
    await command.ended(20_000);
  });

  // In each, what gets hold of the answer writes it to `stolen`, or shows it.
  const attacks: Readonly<Record<string, string>> = {
    "a program that hides and asks": "stty -echo; printf 'Password: '; read -r x; echo \"$x\" >stolen; stty echo",
    "one called su": "cp /bin/bash ./su; stty -echo; printf 'Password: '; ./su -c 'read -r x; echo $x >stolen'",
    "one called su, of another's": "ln -sf /usr/bin/newgrp su; stty -echo; printf 'Password: '; ./su root; cat >stolen",
    "another program of root's":
      "stty -echo; printf 'Password: '; env -u SUDO_ASKPASS /usr/bin/sudo timeout 5 cat >stolen",
    "a reader beside it": `cat <$(tty) >stolen & su ME -c true; kill $!`,
    "a reader of its input": `d=\${SUDO_ASKPASS%/bin/ask}; cat $d/bi.* >stolen & su ME -c true; kill $!`,
    "a reader from outside": `setsid sh -c 'exec cat <$0 >stolen' $(tty) & sleep 0.5; su ME -c true; kill $!`,
    "a pipeline": "su ME -c true | cat >stolen",
  };

  it("is not given to anybody else who hides what is typed, or reads along", async () => {
    const person = new Person(() => place.user.password, false);
    place.meet(person);
    const names = Object.keys(attacks);
    const commands = await Promise.all(
      names.map((name, at) =>
        session.run({
          command: `mkdir w${at}; cd w${at}; ${(attacks[name] ?? "").replaceAll("ME", me)}`,
          terminal,
        }),
      ),
    );
    // Longer than an answer takes to be typed.
    await Promise.all(commands.map((command) => command.ended(6_500)));
    await Promise.all(commands.map((command) => command.stop("KILL")));
    await Promise.all(commands.map((command) => command.ended(40_000)));
    for (const [at, command] of commands.entries()) {
      const stolen = join(place.user.home, `w${at}`, "stolen");
      const got = existsSync(stolen) ? readFileSync(stolen, "utf8") : "";
      expect(`${names[at]}: ${got}${await shown(command)}`).not.toContain(place.user.password);
    }
    const asked = person.asked.map(({ command }) => command);
    expect(asked.filter((line) => line !== `su ${me} -c true` && line !== "./su root")).toEqual([]);
    await run(session, "rm -rf w[0-9]*");
  });

  it.runIf(whole)("is not left for whoever comes after a program that has refused one and sleeps", async () => {
    place.meet(new Person(() => delay(700).then(() => place.user.password), false));
    await run(session, "rm -f stolen");
    const command = await session.run({
      command: `stty -echo; su ${me} -c true; timeout --foreground 4 cat >stolen; echo over`,
      terminal,
      timeoutMs: 30_000,
    });
    await eventually("su asks", 30_000, () => (command.waitingFor === undefined ? undefined : true));
    await command.input("wrong\r");
    await command.ended(40_000);
    expect(await shown(command)).toMatch(/su: Authentication failure/);
    expect(readFileSync(join(place.user.home, "stolen"), "utf8")).toBe("");
  });
});

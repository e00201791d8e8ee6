import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { askedTimes, forms } from "./forms.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** `npm run sudo` plays the whole table. */
const inFull = process.env["HOLDFAST_SUDO"] === "full";
const everyKind = ["tty", "ppid", "global"] as const;
const kinds = inFull ? everyKind : (["tty", "global"] as const);
const terminals = inFull ? ["use_pty", "!use_pty"] : ["use_pty"];

/** What sudo says in German is not on every machine, and German itself is not. */
const speaksGerman =
  existsSync("/usr/share/locale/de/LC_MESSAGES/sudoers.mo") &&
  spawnSync("locale", ["-a"], { encoding: "utf8" }).stdout.split("\n").includes("de_DE.utf8");

/** Times that somebody types, and times that sudo asks. */
interface Counts {
  readonly typed: number;
  readonly asked: number;
}

describe.runIf(canMakeUsers)("sudo's own memory", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    session = await place.session("matrix");
  });
  afterAll(() => place.cleanup.run());

  async function counted(text: string, expected: string): Promise<Counts> {
    const person = new Person(() => place.user.password);
    place.meet(person);
    const { status, stdout, stderr } = await run(session, text);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expected, stderr: "" });
    return { typed: person.asked.length, asked: person.questions.length };
  }

  const tables = kinds.flatMap((kind) => terminals.map((terminal) => ({ kind, terminal })));
  it.each(tables)("of type $kind with $terminal asks as it says it does", async ({ kind, terminal }) => {
    place.allow(`Defaults:@ timestamp_type=${kind}, ${terminal}`, "@ ALL=(ALL:ALL) ALL");
    for (const form of forms) {
      const zeros = "0\n".repeat(form.runs);
      await counted("sudo -K", "");
      const cold = await counted(form.text, zeros);
      // With the parent's own ticket no run asks twice, but each program that xargs starts has the same parent.
      expect({ form: form.name, cold }).toEqual({ form: form.name, cold: { typed: 1, asked: 1 } });
      await counted("sudo -v", "");
      const cached = await counted(form.text, zeros);
      const asked = askedTimes(form, kind, true);
      expect({ form: form.name, cached }).toEqual({ form: form.name, cached: { typed: asked, asked } });
    }
  });

  it("that keeps nothing asks each time, and a person once", async () => {
    place.allow("Defaults:@ timestamp_timeout=0", "@ ALL=(ALL:ALL) ALL");
    for (const form of inFull ? forms : forms.filter(({ runs }) => runs === 2)) {
      const asked = await counted(form.text, "0\n".repeat(form.runs));
      expect({ form: form.name, asked }).toEqual({ form: form.name, asked: { typed: 1, asked: form.runs } });
    }
  });

  it("is not needed where a rule says so, and helps nobody without a rule or with a wrong password", async () => {
    for (const terminal of terminals) {
      place.allow(`Defaults:@ ${terminal}`, "@ ALL=(ALL:ALL) NOPASSWD: ALL");
      for (const form of forms) {
        expect(await counted(form.text, "0\n".repeat(form.runs))).toEqual({ typed: 0, asked: 0 });
      }
      place.allow(`Defaults:@ ${terminal}, passwd_tries=1`, "@ ALL=(ALL:ALL) ALL");
      place.meet(new Person(() => "wrong"));
      const wrong = await run(session, "(sudo id -u; echo $?)");
      expect(wrong).toMatchObject({ stdout: "1\n", stderr: expect.stringMatching(/incorrect password/) });
      place.allow(`Defaults:@ ${terminal}`);
      place.meet(new Person(() => place.user.password));
      const nobody = await run(session, "(sudo id -u; echo $?)");
      expect(nobody).toMatchObject({ stdout: "1\n", stderr: expect.stringMatching(/not in the sudoers/) });
    }
  });

  it.runIf(speaksGerman)(
    "is asked for in the user's own language, and a wrong answer is known there, too",
    async () => {
      place.allow("Defaults:@ passwd_tries=2", "@ ALL=(ALL:ALL) ALL");
      const answers = ["wrong", place.user.password];
      const person = new Person(() => answers.shift() ?? "", false);
      place.meet(person);
      const said = await run(session, "LC_ALL=de_DE.UTF-8 sudo -k id -u");
      expect(said).toMatchObject({
        status: 0,
        stdout: "0\n",
        stderr: expect.stringMatching(/nochmal/),
      });
      expect(person.asked.map(({ prompt }) => prompt)).toEqual([
        `[sudo] Passwort für ${place.user.name}:`,
        `[sudo] Passwort für ${place.user.name}:`,
      ]);
      expect(new Set(person.asked.map(({ askerKey }) => askerKey)).size).toBe(1);
    },
  );

  it("is made by one answer for five that ask at the same time", async () => {
    place.allow("@ ALL=(ALL:ALL) ALL");
    const five = "for i in 1 2 3 4 5; do (sudo id -u; :) & done; wait";
    const cold = await counted(five, "0\n".repeat(5));
    expect(cold.typed).toBe(1);
    expect(await counted(five, "0\n".repeat(5))).toEqual({ typed: 0, asked: 0 });
  });

  it("is of no use to others, and one answer is for all of a session", async () => {
    place.allow("@ ALL=(ALL:ALL) ALL");
    const person = new Person(() => place.user.password);
    place.meet(person);
    for (const form of forms) expect((await run(session, form.text)).status).toBe(0);
    expect(person.asked).toHaveLength(1);
    const five = await run(session, "for i in 1 2 3 4 5; do (sudo -k id -u; :) & done; wait");
    expect(five).toMatchObject({ status: 0, stdout: "0\n".repeat(5), stderr: "" });
    expect(person.asked).toHaveLength(1);
    expect(person.questions.length).toBeGreaterThanOrEqual(6);
  });
});

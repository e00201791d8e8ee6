import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** A shell that takes the part of the stand-in for sudo, with a real sudo beneath it, and keeps what it is told. */
const thief = `printf '#!/bin/sh\\n{ while ! [ -s go ]; do sleep 0.02; done; "$SUDO_ASKPASS" x; } | tee stolen | /usr/bin/sudo -S -v -p "gate-$$-0123456789abcdef" 2>go\\n' >sudo; chmod +x sudo; ./sudo`;

describe.runIf(canMakeUsers)("a sudo that is not asked by askpass", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    const directory = process.env["HOLDFAST_CONFIG_DIR"] ?? "";
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "config.yaml"), "defaults: { sudo_askpass: false }\n", { mode: 0o600 });
    session = await place.session("gated");
    place.allow("@ ALL=(ALL:ALL) ALL");
  });
  afterAll(() => place.cleanup.run());

  function meet(): Person {
    const person = new Person(() => place.user.password);
    place.meet(person);
    return person;
  }

  it("gets its password on stdin, from a person who is told so, and the command its own", async () => {
    const person = meet();
    expect(await run(session, "echo 0 | sudo cat; ls -A ${SUDO_ASKPASS%/bin/ask}")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^0\n(?![^]*sg\.)/),
      stderr: "",
    });
    expect(person.asked).toMatchObject([
      { kind: "sudo", command: "sudo cat", prompt: `[sudo] password for ${place.user.name}:` },
    ]);
    expect(person.asked[0]?.doubt).toMatch(/cannot ask by itself/);
    // With a ticket it prints no prompt, so nobody is asked and nothing is eaten.
    const { stdout, notes } = await run(session, {
      command: "cat; (sudo -A id -u); xargs -n 1 sudo id <<<-u",
      stdin: "x\n",
      sudo: "root",
    });
    expect({ stdout, notes }).toEqual({ stdout: "x\n0\n0\n", notes: [] });
    expect(person.questions).toHaveLength(1);
  });

  it("fails as sudo does without an answer, and with a wrong one", async () => {
    for (const typed of ["", "wrong"]) {
      place.meet(new Person(() => typed));
      await run(session, "sudo -K");
      const { status, stderr } = await run(session, "sudo id -u");
      expect({ typed, status, stderr }).toEqual({ typed, status: 1, stderr: "sudo: a password is required\n" });
    }
  });

  it("asks nobody where it needs no password", async () => {
    const person = meet();
    place.allow("@ ALL=(ALL:ALL) NOPASSWD: ALL");
    expect(await run(session, "sudo id -u")).toMatchObject({ status: 0, stdout: "0\n", stderr: "", notes: [] });
    expect(person.questions).toEqual([]);
    place.allow("@ ALL=(ALL:ALL) ALL");
  });

  it("is not whoever takes the place of what stands for it", async () => {
    const person = meet();
    const { notes } = await run(session, `sudo -K; ${thief}; cat stolen go`);
    expect(notes.join("\n")).toMatch(/nobody was asked: what asked is called sudo/);
    expect(person.questions).toEqual([]);
  });
});

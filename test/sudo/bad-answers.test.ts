import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { canUnshare } from "../ladder/odd-hosts.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** As much as a person can type into the page. */
const longestTyped = 4_096;

/** As much as PAM takes. */
const longestPassword = 500;

describe.runIf(canMakeUsers)("an answer for sudo", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    place.allow("@ ALL=(ALL:ALL) ALL");
    session = await place.session("bad-answers");
  });
  afterAll(() => place.cleanup.run());

  it.each([
    ["nothing", ""],
    ["a newline", "\n"],
    ["two lines", "one\ntwo"],
    ["a carriage return", "one\rtwo"],
    ["a NUL", "one\0two"],
  ])("that is %s is none: sudo gets an end of file, and counts no wrong password", async (_name, secret) => {
    let asked = 0;
    place.meet({
      ask: async () => {
        asked += 1;
        return { secret };
      },
    });
    const ended = await run(session, "sudo -k id -un");
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(/no password was provided/);
    expect(ended.stderr).not.toMatch(/incorrect|try again/);
    expect(ended.notes.join("\n")).toMatch(/^sudo got no password: what was given is (?:empty|more than one line)/);
    expect(asked).toBe(1);
  });

  it("arrives whole, however long sudo allows, and a longer one is only wrong", async () => {
    const before = place.user.password;
    const long = `ü${"x y'".repeat(longestPassword / 4)}`.slice(0, longestPassword);
    const setPassword = (text: string): void => {
      spawnSync("chpasswd", ["-c", "SHA512"], { input: `${place.user.name}:${text}\n` });
    };
    setPassword(long);
    place.meet(new Person(() => long));
    expect(await run(session, "sudo -k id -un")).toMatchObject({ status: 0, stdout: "root\n" });
    place.meet(new Person(() => "p".repeat(longestTyped), false));
    const wrong = await run(session, "sudo -k id -un");
    expect(wrong).toMatchObject({ status: 1, stdout: "" });
    setPassword(before);
    place.meet(new Person(() => before));
    expect(await run(session, "sudo -k id -un")).toMatchObject({ status: 0, stdout: "root\n" });
  });

  it("is asked for once more after 1,000 requests of nobody, of which no person hears", async () => {
    const person = new Person(() => place.user.password);
    place.meet(person);
    const forged = `D=\${SUDO_ASKPASS%/bin/ask}; for i in $(seq 1000); do printf '\\nask %s [sudo] password:\\n' $((4000000+i)) 1<>"$D/ev"; done`;
    expect(await run(session, forged)).toMatchObject({ status: 0 });
    expect(await run(session, "sudo -k id -un")).toMatchObject({ status: 0, stdout: "root\n" });
    expect(person.questions).toHaveLength(1);
  });
});

describe.runIf(canMakeUsers && canUnshare)("on a host that hides the processes of others", () => {
  it("a person decides each time, and is told why", async () => {
    const place = await SudoPlace.open("bash", "mount -t proc -o hidepid=2 proc /proc");
    try {
      place.allow("Defaults:@ timestamp_timeout=0", "@ ALL=(ALL:ALL) ALL");
      const person = new Person(() => place.user.password);
      place.meet(person);
      const session = await place.session("blind");
      expect(await run(session, "sudo id -un; sudo id -un")).toMatchObject({ status: 0, stdout: "root\nroot\n" });
      expect(person.asked).toHaveLength(2);
      for (const question of person.asked) expect(question.doubt).toMatch(/hides the processes/);
      place.meet(new Person(() => ""));
      expect(await run(session, "sudo id -un")).toMatchObject({ status: 1, stdout: "" });
    } finally {
      await place.cleanup.run();
    }
  });
});

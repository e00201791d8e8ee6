import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SecretQuestion, SessionView } from "../../src/sessions/index.ts";
import { eventually } from "../helpers/eventually.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "../sudo/sudo-place.ts";

/** With what the protocol of gpg-agent escapes. */
const passphrase = 'open 100% of "it" %41';

describe.runIf(canMakeUsers)("gpg, whose agent has been told to ask by the session's pinentry:", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    session = await place.session("gpg");
    place.cleanup.add(() => run(session, "gpgconf --kill gpg-agent"));
    // As the documentation says.
    const text = readFileSync("docs/other-askers.md", "utf8");
    const setUp = /^ {4}cat >~\/\.gnupg[^]*?gpgconf --kill gpg-agent$/m.exec(text)?.[0].replaceAll(/^ {4}/gm, "");
    // Else it makes each guess at a passphrase take long: seconds here.
    const quick = "mkdir -m 700 ~/.gnupg; echo 's2k-count 65536' >~/.gnupg/gpg-agent.conf";
    expect(await run(session, `${quick}\n${setUp ?? "false"}`)).toMatchObject({ status: 0 });
    const make = `gpg -q --batch --pinentry-mode loopback --passphrase '${passphrase}' --quick-gen-key 'Ann <ann@example.org>' ed25519 sign 0`;
    expect(await run(session, make)).toMatchObject({ status: 0 });
  });
  afterAll(() => place.cleanup.run());

  function meet(types: (question: SecretQuestion) => string): Person {
    const person = new Person(types, false);
    place.meet(person);
    return person;
  }

  const sign = "gpgconf --kill gpg-agent; echo hi | gpg -q --batch -u ann@example.org -s >signed && gpg -q -d signed";

  it("a person gives the passphrase, who sees which key and what needs it", async () => {
    const person = meet(() => passphrase);
    expect(await run(session, sign)).toMatchObject({ status: 0, stdout: "hi\n", notes: [] });
    const [question, ...more] = person.asked;
    expect(more).toEqual([]);
    expect(question).toMatchObject({ kind: "gpg", form: "secret", session: "gpg", doubt: undefined });
    expect(question?.program).toMatch(/^(\/.*\/)?gpg-agent$/);
    expect(question?.command).toBe("gpg -q --batch -u ann@example.org -s");
    expect(question?.prompt).toMatch(/ to unlock the OpenPGP secret key: "Ann <ann@example.org>" /);
  });

  it("on a terminal, too", async () => {
    const person = meet(() => passphrase);
    const ended = await run(session, { command: sign, terminal: { columns: 80, rows: 24 } });
    expect(ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/hi\r\n/) });
    expect(person.asked).toHaveLength(1);
  });

  it("a wrong one is told, and asked again for the same pinentry", async () => {
    const answers = ["wrong one", passphrase];
    const person = meet(() => answers.shift() ?? "");
    expect(await run(session, sign)).toMatchObject({ status: 0, stdout: "hi\n" });
    const [first, second] = person.asked;
    expect(second?.askerKey).toBe(first?.askerKey);
    expect(second?.prompt).toMatch(/^Bad Passphrase /);
    expect(person.asked).toHaveLength(2);
  });

  it("after a no, gpg fails and the reply says why", async () => {
    const person = meet(() => "");
    const refused = await run(session, sign);
    expect(refused.stderr).toMatch(/cancel/i);
    expect(refused.notes).toEqual(["gpg got no answer: a person said no"]);
    expect(person.asked).toHaveLength(1);
  });

  it("a question ends when the gpg that needs the passphrase is killed, though its agent lives", async () => {
    const questions: AbortSignal[] = [];
    place.meet({
      ask: (_question, signal) => {
        questions.push(signal);
        return new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            resolve({ refused: "nobody waits for it" });
          });
        });
      },
    });
    const killed = sign.replace("gpg -q --batch -u", "timeout -s KILL 1 gpg -q --batch -u");
    const command = await session.run({
      command: `${killed}; exec sleep 300`,
      background: true,
      timeoutMs: 100_000,
    });
    await eventually("the question ends", 60_000, () => questions[0]?.aborted === true || undefined);
    await eventually("its end is told", 20_000, () => command.notes.length > 0 || undefined);
    expect(command.notes).toEqual(["gpg got no answer: it ended before anybody answered"]);
    expect(command.state.kind).toBe("running");
    await command.stop("KILL");
  });

  it("what gpg wants a yes to is asked as that", async () => {
    const make = "gpg -q --batch --quick-gen-key 'Bob <bob@example.org>' ed25519 sign 0 2>&1";
    const person = meet(({ form }) => (form === "yes" ? "yes" : "weak"));
    expect(await run(session, make)).toMatchObject({ status: 0 });
    expect(person.asked.map(({ form }) => form)).toEqual(["secret", "yes", "secret"]);
    expect(person.asked[1]?.prompt).toMatch(/insecure passphrase/);
  });

  const byHand = "printf 'GETPIN\\nBYE\\n' | \"${PINENTRY_USER_DATA#holdfast:}/bin/gpg-pinentry\"";
  it.each([
    ["the pinentry run by hand", `${byHand} | cat`],
    [
      "a copied shell called gpg-agent",
      `mkdir -p b; cp /bin/bash b/gpg-agent; b/gpg-agent -c ${quoted(`${byHand} | cat; :`)}`,
    ],
    [
      "a pinentry of another's",
      `printf '#!/bin/sh\\necho OK\\n"\${PINENTRY_USER_DATA#holdfast:}/bin/ask" "GETPIN x" 1 >&2\\n' >gpg-pinentry; chmod +x gpg-pinentry; ` +
        `gpgconf --kill gpg-agent; cp ~/.gnupg/gpg-agent.conf kept; echo "pinentry-program $PWD/gpg-pinentry" >~/.gnupg/gpg-agent.conf; ${sign}; ` +
        "gpgconf --kill gpg-agent; mv kept ~/.gnupg/gpg-agent.conf",
    ],
  ])("%s gets nothing, and nobody is asked", async (_name, command) => {
    const person = meet(() => "stolen");
    const ended = await run(session, command);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain("stolen");
    expect(person.asked).toEqual([]);
  });

  it.each([
    ["between", '"$p" | tee ~/stolen', /nobody was asked: /],
    ["behind", 'exec "$p" > >(tee ~/stolen)', /it was not given: process \d+ would read the answer, too/],
  ])("an answer goes to gpg-agent, and not to who listens in, %s", async (_where, how, why) => {
    meet(() => passphrase);
    const lines = ["#!/bin/bash", 'p="${PINENTRY_USER_DATA#holdfast:}/bin/gpg-pinentry"', how];
    const thief = `printf '%s\\n' ${lines.map(quoted).join(" ")} >thief; chmod +x thief`;
    const set = `cp ~/.gnupg/gpg-agent.conf kept; echo "pinentry-program $PWD/thief" >~/.gnupg/gpg-agent.conf`;
    const ended = await run(session, `${thief}; ${set}; ${sign}; mv kept ~/.gnupg/gpg-agent.conf; cat ~/stolen`);
    expect(ended.stdout).toContain("OK Pleased");
    expect(ended.stdout).not.toContain("open 100");
    expect(ended.notes.join()).toMatch(why);
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

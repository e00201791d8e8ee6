import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delay } from "../../src/base/index.ts";
import type { SessionView } from "../../src/sessions/index.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run, type Ended } from "./sudo-place.ts";

/** Time for what lies in wait to be there before a person has typed. */
const typingMs = 300;

/** In each, what gets hold of the answer writes it to `stolen`. `$A` is the asking program, `$D` the session's directory. */
const attacks: Readonly<Record<string, string>> = {
  "the asking program run by hand": '"$A" "[sudo] password for me:" >stolen',
  "run by a script called sudo": `printf '#!/bin/sh\\n"$SUDO_ASKPASS" x >stolen\\n:\\n' >b/sudo; chmod +x b/sudo; PATH=$PWD/b:$PATH; sudo id`,
  "run by a copied shell called sudo": `cp /bin/bash b/sudo; b/sudo -c '"$A" x >stolen; :'`,
  "a program in its place": `printf '#!/bin/sh\\n"$A" "$@" | tee stolen\\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "one that becomes it, its answer to a file": `printf '#!/bin/sh\\nexec "$A" "$@" >stolen\\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "one that becomes it, its answer to another program": `printf '#!/bin/bash\\nexec "$A" "$@" > >(tee stolen)\\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "one that is told what to do by another shell": `printf '#!/bin/bash\\nexec -a /bin/sh /bin/bash "$A" "$@"\\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "one that calls itself the same and asks by itself": `printf '#!/bin/bash\\nexec -a /bin/sh /bin/bash -c "$EVIL" "$A" x\\n' >b/w; chmod +x b/w; export EVIL='mkfifo $D/a.$$; printf "\\nask $$ x\\n" 1<>$D/ev; cat $D/a.$$ >stolen'; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "a link to it": 'ln -s "$A" b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id >stolen',
  "a thief at the fifo": `(while :; do for f in "$D"/a.*; do [ ! -p "$f" ] || cat "$f" >>stolen; done; done) 2>/dev/null & t=$!; sudo -k id; kill $t`,
  "a child of the asking program": `printf '#!/bin/bash\n(while [ ! -p $D/a.$PPID ] && [ ! -p $D/a.$$ ]; do :; done; cat $D/a.$$ >stolen) & exec "$A" "$@"\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "a child that takes its place": `printf '#!/bin/bash\\n(while [ ! -p $D/a.$$ ]; do :; done; kill -STOP $$; printf "\\\\nask $$ x\\\\n" 1<>$D/ev; cat $D/a.$$ >stolen; kill -CONT $$) & exec "$A" "$@"\\n' >b/w; chmod +x b/w; SUDO_ASKPASS=$PWD/b/w sudo -k id`,
  "a changed program": `cp "$A" b/keep; printf '\\n: more\\n' >>"$A"; sudo -k id; cat b/keep >"$A"`,
  "a request out of nothing": `mkfifo "$D/a.$$"; printf '\\nask %s x\\n' $$ 1<>"$D/ev"; timeout 20 cat "$D/a.$$" >stolen; rm -f "$D/a.$$"`,
  "a request for another process": `sleep 20 & mkfifo "$D/a.$!"; printf '\\nask %s x\\n' $! 1<>"$D/ev"; timeout 20 cat "$D/a.$!" >stolen; kill $!; rm -f "$D"/a.*`,
};

describe.runIf(canMakeUsers)("a password is for sudo alone:", () => {
  let place: SudoPlace;
  let session: SessionView;
  beforeAll(async () => {
    place = await SudoPlace.open();
    place.allow("@ ALL=(ALL:ALL) ALL");
    session = await place.session("attacked");
    await run(session, "export A=$SUDO_ASKPASS D=${SUDO_ASKPASS%/bin/ask}; mkdir -p b w; cd w; mkdir b");
  });
  afterAll(() => place.cleanup.run());

  function stolen(): string {
    return readdirSync(join(place.user.home, "w"))
      .filter((name) => name === "stolen")
      .map((name) => readFileSync(join(place.user.home, "w", name), "utf8"))
      .join("");
  }

  const typed = (): Promise<string> => delay(typingMs).then(() => place.user.password);

  it.each(Object.keys(attacks))("%s gets nothing", async (name) => {
    await run(session, "rm -rf stolen b; mkdir b");
    place.meet(new Person(typed));
    const ended: Ended = await run(session, { command: `( ${attacks[name] ?? ""}\n)`, timeoutMs: 25_000 });
    const all = `${stolen()}${ended.stdout}${ended.stderr}`;
    expect(all).not.toContain(place.user.password);
    expect(all).not.toContain("uid=0");
    expect(ended.notes.join("\n")).toMatch(/^sudo got no password: (nobody was asked|it was not given): /);
    // The session is as good as before.
    expect(await run(session, "sudo -k id -u")).toMatchObject({ status: 0, stdout: "0\n" });
  });

  it("functions in the environment see nothing", async () => {
    place.meet(new Person(typed));
    const ended = await run(
      session,
      'cat() { command cat "$@" | tee -a stolen; }; export -f cat; sudo -k id -u; unset -f cat',
    );
    expect(`${stolen()}${ended.stdout}${ended.stderr}`).not.toContain(place.user.password);
  });

  it("the pipe to sudo is nobody's to read, and neither history nor the session's files know the answer", async () => {
    await run(session, "rm -f stolen");
    place.meet(new Person(typed));
    const thief = `(while :; do for f in "$D"/k.*; do [ ! -f "$f" ] || { echo met >>met; cat "/proc/\${f##*.}/fd/1" >>stolen; }; done; done) 2>/dev/null &`;
    const ended = await run(session, `${thief} t=$!; sudo -k id -u; kill $t; cat met | head -n 1`);
    expect(ended).toMatchObject({ status: 0, stdout: "0\nmet\n" });
    const traces = await run(session, `history; fc -l; find ~ "$D" -type f -exec cat {} + | tr '\\000' ' '`);
    expect(traces.status).toBe(0);
    expect(`${stolen()}${ended.stderr}${traces.stdout}${traces.stderr}`).not.toContain(place.user.password);
  });

  it("a program that prints sudo's prompt gets nothing, and nobody is asked", async () => {
    await run(session, "rm -f stolen");
    const person = new Person(typed);
    place.meet(person);
    const liar = await session.run({ command: "printf '[sudo] password for me: '; cat >stolen", timeoutMs: 1_500 });
    await liar.ended(20_000);
    expect(liar.state.kind).toBe("timed_out");
    expect(person.questions).toEqual([]);
    expect(stolen()).toBe("");
  });
});

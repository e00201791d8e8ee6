import { chownSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { keepers, terminalText } from "../../src/sessions/terminals/terminal-text.ts";
import { eventually } from "../helpers/eventually.ts";
import { canMakeUsers, makeKeyPair, startOpenSsh, type TestServer } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "../sudo/sudo-place.ts";
import { startGitServer } from "./git-server.ts";

describe.runIf(canMakeUsers)("a program on the host that wants to know something:", () => {
  let place: SudoPlace;
  let onward: TestServer;
  let session: SessionView;
  /** How one goes on to the other server. */
  let ssh: string;
  beforeAll(async () => {
    place = await SudoPlace.open();
    onward = await startOpenSsh({ loginUser: place.user });
    place.cleanup.add(() => onward.stop());
    session = await place.session("onward");
    ssh = `ssh -F none -o PubkeyAuthentication=no -p ${onward.port}`;
  });
  afterAll(() => place.cleanup.run());

  function meet(types: (prompt: string) => string): Person {
    const person = new Person(({ prompt }) => types(prompt), false);
    place.meet(person);
    return person;
  }

  const known = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";

  it("ssh asks a person for the host key and the password, who sees what runs and which program asks", async () => {
    const person = meet((prompt) => (prompt.includes("password") ? place.user.password : "yes"));
    const command = `${ssh} -o UserKnownHostsFile=~/known 127.0.0.1 'echo "$SSH_CONNECTION" | cut -d" " -f4; id -un'`;
    const ended = await run(session, command);
    expect(ended).toMatchObject({ status: 0, stdout: `${onward.port}\n${place.user.name}\n`, notes: [] });
    const [hostKey, password, ...more] = person.asked;
    expect(more).toEqual([]);
    expect(hostKey).toMatchObject({ kind: "ssh", form: "yes", session: "onward", doubt: undefined });
    expect(hostKey?.program).toBe("/usr/bin/ssh");
    expect(hostKey?.prompt).toMatch(/^The authenticity of host '\[127.0.0.1\]:\d+.* fingerprint is SHA256:.*\(yes\/no/);
    expect(hostKey?.command).toMatch(new RegExp(`^ssh -F none .* -p ${onward.port} `));
    expect(password).toMatchObject({ kind: "ssh", form: "secret", prompt: `${place.user.name}@127.0.0.1's password:` });
    expect(password?.askerKey).toBe(hostKey?.askerKey);
    expect(readFileSync(join(place.user.home, "known"), "utf8")).toContain("127.0.0.1");
  });

  it("ssh goes no further after a no, and at once", async () => {
    const person = meet(() => "");
    const refused = await run(session, `${ssh} -o UserKnownHostsFile=~/none 127.0.0.1 true`);
    expect(refused).toMatchObject({ status: 255, stderr: expect.stringMatching(/Host key verification failed/) });
    expect(refused.notes).toEqual(["ssh got no answer: a person said no"]);
    expect(person.asked).toHaveLength(1);
  });

  it("the passphrase of a key on the host, for ssh and ssh-add", async () => {
    const file = join(place.user.home, "key");
    const key = makeKeyPair(file, { passphrase: "open sesame" });
    chownSync(file, place.user.uid, place.user.gid);
    place.user.authorize(key.publicLine);
    const person = meet(() => "open sesame");
    const login = `ssh -F none ${known} -o PreferredAuthentications=publickey -i ${file} -p ${onward.port} 127.0.0.1 id -un`;
    expect(await run(session, login)).toMatchObject({ status: 0, stdout: `${place.user.name}\n` });
    expect(person.asked[0]).toMatchObject({
      kind: "ssh",
      form: "secret",
      prompt: `Enter passphrase for key '${file}':`,
    });
    const added = await run(session, `eval "$(ssh-agent)" >/dev/null; ssh-add ${file} 2>&1; ssh-agent -k >/dev/null`);
    expect(added.stdout).toMatch(/^Identity added/m);
    expect(person.asked[1]).toMatchObject({ kind: "ssh", program: "/usr/bin/ssh-add" });
  });

  it("git asks for name and password, and takes neither from anywhere else", async () => {
    const server = await startGitServer();
    try {
      const person = meet((prompt) => (prompt.startsWith("Username") ? server.user : server.password));
      const clone = `git -c http.sslVerify=false clone -q ${server.url} box`;
      expect(await run(session, `${clone} && cat box/greeting`)).toMatchObject({
        status: 0,
        stdout: "hello\n",
        notes: [],
      });
      const port = new URL(server.url).port;
      expect(person.asked).toMatchObject([
        { kind: "git", form: "word", prompt: `Username for 'https://127.0.0.1:${port}':` },
        { kind: "git", form: "secret", prompt: `Password for 'https://ann@127.0.0.1:${port}':` },
      ]);
      expect(person.asked[0]?.program).toMatch(/\/git-remote-http/);
      expect(person.asked[0]?.command).toContain(server.url);
      // On a terminal, too.
      const terminal = { columns: 90, rows: 30 };
      const onTerminal = await run(session, { command: `rm -rf box; ${clone}; cat box/greeting`, terminal });
      expect(onTerminal).toMatchObject({ status: 0, stdout: "hello\r\n" });
      expect(person.asked).toHaveLength(4);
      meet(() => "");
      const refused = await run(session, `rm -rf box; ${clone}`);
      expect(refused).toMatchObject({ status: 128, notes: ["git got no answer: a person said no"] });
    } finally {
      await server.stop();
    }
  });

  it("what was made to ask has its own places first: a terminal, its stdin", async () => {
    const person = meet(() => "not this");
    const login = `${ssh} ${known} 127.0.0.1 id -un`;
    const typed = await run(session, {
      command: `script -qec ${quoted(login)} /dev/null`,
      stdin: `${place.user.password}\n`,
    });
    expect(typed.stdout).toContain(`${place.user.name}@127.0.0.1's password:`);
    expect(typed.stdout).toMatch(new RegExp(`^${place.user.name}\r$`, "m"));
    expect(typed.stdout.split("password:")[1]).not.toContain(place.user.password);
    const made = await run(session, {
      command: "ssh-keygen -q -t ed25519 -f made && ssh-keygen -y -P '' -f made",
      stdin: "\n\n",
    });
    expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ssh-ed25519 /) });
    expect(person.asked).toEqual([]);
  });

  it.each(keepers)(
    "on a terminal of the session's own, kept by %s, a person is asked as without one",
    async (keeper) => {
      const person = meet((prompt) => (prompt.includes("password") ? place.user.password : "yes"));
      const login = `${ssh} -o UserKnownHostsFile=~/known-${keeper} 127.0.0.1 'id -un'`;
      const text = `test -t 0 && ${login} && stty -a | grep -o ' echo '`;
      const ended = await run(session, {
        command: terminalText(text, { columns: 90, rows: 30 }, keeper),
        background: true,
        timeoutMs: 30_000,
      });
      expect(ended).toMatchObject({ status: 0, notes: [] });
      expect(ended.stdout).toMatch(new RegExp(`^${place.user.name}\\r\\n echo \\r\\n$`, "m"));
      expect(ended.stdout).not.toMatch(/password|yes\/no/);
      expect(person.asked.map(({ kind, form }) => [kind, form])).toEqual([
        ["ssh", "yes"],
        ["ssh", "secret"],
      ]);
    },
  );

  it("on a terminal that somebody makes within the session's own, it is asked there", async () => {
    const person = meet(() => "not this");
    const login = `script -qec ${quoted(`${ssh} ${known} 127.0.0.1 true`)} /dev/null`;
    const command = await session.run({ command: login, terminal: { columns: 90, rows: 30 }, timeoutMs: 60_000 });
    await eventually("ssh asks on the terminal", 30_000, async () => {
      const { bytes } = await command.read("stdout", 0, 10_000);
      return Buffer.from(bytes).toString().includes("password:") ? true : undefined;
    });
    await command.stop("KILL");
    expect(person.asked).toEqual([]);
  });

  it("a question ends when the program that asked is killed, though its command goes on", async () => {
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
    const command = await session.run({
      command: `timeout 1 ${ssh} ${known} 127.0.0.1 true; echo killed; exec sleep 300`,
      background: true,
      timeoutMs: 100_000,
    });
    await eventually("the question ends", 60_000, () => questions[0]?.aborted === true || undefined);
    expect(command.state.kind).toBe("running");
    await eventually("its end is told", 20_000, () => command.notes.length > 0 || undefined);
    expect(command.notes).toEqual(["ssh got no answer: it ended before anybody answered"]);
    expect(questions).toHaveLength(1);
    await command.stop("KILL");
    await eventually("nothing of it is left", 20_000, async () => {
      const left = await run(session, 'cd "${SSH_ASKPASS%/bin/*}"; ls -d [ak].* no.*');
      return left.stdout === "" ? true : undefined;
    });
  });

  it("whoever is told to ask nobody, or elsewhere, does", async () => {
    const person = meet(() => place.user.password);
    const login = `${ssh} ${known} 127.0.0.1 id -un`;
    expect(await run(session, `SSH_ASKPASS_REQUIRE=never ${login}`)).toMatchObject({ status: 255 });
    expect(await run(session, login.replace("ssh ", "ssh -o BatchMode=yes "))).toMatchObject({ status: 255 });
    expect(person.asked).toEqual([]);
  });

  it.each([
    ["a script called ssh", `mkdir -p b; printf '#!/bin/sh\\n"$SSH_ASKPASS" x\\n:\\n' >b/ssh; chmod +x b/ssh; b/ssh`],
    ["a copied shell called ssh", `mkdir -p b; cp /bin/bash b/ssh; b/ssh -c '"$SSH_ASKPASS" x | cat; :'`],
    ["the program run by hand", '"$SSH_ASKPASS" x | cat'],
  ])("%s gets nothing", async (_name, command) => {
    const person = meet(() => "stolen");
    const ended = await run(session, command);
    expect(ended.stdout).toBe("");
    expect(ended.notes.join()).toMatch(/nobody was asked: /);
    expect(person.asked).toEqual([]);
  });

  it("an answer goes to the program that asks, and not to who listens in", async () => {
    meet(() => place.user.password);
    const thief =
      'printf \'#!/bin/sh\\n"$REAL" "$@" | tee stolen\\n\' >t; chmod +x t; export REAL=$SSH_ASKPASS SSH_ASKPASS=$PWD/t';
    const ended = await run(session, `( ${thief}; ${ssh} ${known} 127.0.0.1 id -un; cat stolen )`);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(place.user.password);
    expect(ended.notes.join()).toMatch(/nobody was asked: |it was not given: /);
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers, waitUntil, type LoginShell } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** `npm run sudo` plays it on every shell. */
const inFull = process.env["HOLDFAST_SUDO"] === "full";
const shells = ["bash", "dash", "zsh", "busybox", "fish"] as const;

/** How long an end may take on a busy machine. */
const limitMs = 20_000;

/** Ways to run sudo that without a terminal are strangers to each other. */
const everywhere =
  "sudo id -u; (sudo id -u; :); echo $(sudo id -u); echo 0 | sudo cat | cat; sh -c 'sudo id -u; :'; " +
  "printf '%s\\n' -u -u | xargs -n 1 sudo id; sudo id -u & wait";
const zeros = "0\n".repeat(8);

/** Programs of the host that give a session its terminal. */
const keepers = /^(perl|python)/;

describe.runIf(canMakeUsers)("a ticket of sudo, where nothing is remembered here,", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  async function scene(shell: LoginShell = "bash", without?: (program: string) => boolean): Promise<SudoPlace> {
    const place = await SudoPlace.open(shell);
    cleanup.add(() => place.cleanup.run());
    place.allow("@ ALL=(ALL:ALL) ALL");
    if (without !== undefined) {
      const bin = join(place.user.home, "bin");
      mkdirSync(bin);
      for (const name of readdirSync("/usr/bin")) {
        if (!without(name)) symlinkSync(`/usr/bin/${name}`, join(bin, name));
      }
      writeFileSync(join(place.user.home, ".bashrc"), `PATH=${bin}\n`);
    }
    return place;
  }

  /** Somebody who has to type each time that sudo asks. */
  function forgetful(place: SudoPlace): Person {
    const person = new Person(() => place.user.password, false);
    place.meet(person);
    return person;
  }

  it.each(inFull ? shells : (["bash", "busybox"] as const))(
    "is good for all that a session's shell starts (login shell %s)",
    async (shell) => {
      const place = await scene(shell);
      const person = forgetful(place);
      const session = await place.session("one");
      expect(await run(session, everywhere)).toMatchObject({ status: 0, stdout: zeros, stderr: "" });
      expect(await run(session, { command: "id -u", sudo: "root" })).toMatchObject({ stdout: "0\n" });
      expect(person.questions).toHaveLength(1);
    },
  );

  it("outlives lost connections and the server, and is one session's alone", async () => {
    const place = await scene();
    const person = forgetful(place);
    const first = await place.session("one");
    expect((await run(first, "sudo id -u")).stdout).toBe("0\n");
    place.cut();
    expect((await run(first, "(sudo id -u; :)")).stdout).toBe("0\n");
    await place.restart();
    const later = await place.again("one");
    expect(await run(later, everywhere)).toMatchObject({ status: 0, stdout: zeros });
    expect(person.questions).toHaveLength(1);
    const other = await place.session("other");
    expect((await run(other, "sudo id -u")).stdout).toBe("0\n");
    expect(person.questions).toHaveLength(2);
    // A shell that begins anew is another to sudo.
    await run(later, "exit 3");
    expect(await run(later, everywhere)).toMatchObject({ status: 0, stdout: zeros });
    expect(person.questions).toHaveLength(3);
  });

  it("is kept by python where there is no perl", async () => {
    const python = await scene("bash", (name) => name === "perl");
    const person = forgetful(python);
    const session = await python.session("python");
    expect(await run(session, everywhere)).toMatchObject({ status: 0, stdout: zeros, stderr: "" });
    expect(person.questions).toHaveLength(1);
    // It presses Ctrl+C there, too, for what root runs.
    const command = await session.run({ command: "echo root; sleep 1234; echo after", sudo: "root" });
    await waitUntil("root runs it", () => command.stdoutBytes > 0);
    await command.stop("INT");
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal: "INT" });
    expect(command.stdoutBytes).toBe(5);
  });

  it.runIf(inFull)("is bound to the parent process where there is neither", async () => {
    const neither = await scene("bash", (name) => keepers.test(name));
    const another = forgetful(neither);
    expect(await run(await neither.session("neither"), everywhere)).toMatchObject({ status: 0, stdout: zeros });
    expect(another.questions.length).toBeGreaterThan(1);
  });

  it("comes with a terminal that satisfies requiretty, that nobody can open, and that stops and hangs up nothing", async () => {
    const place = await scene();
    const person = forgetful(place);
    place.allow("Defaults:@ requiretty", "@ ALL=(ALL:ALL) ALL");
    const session = await place.session("one");
    expect(await run(session, "sudo id -u")).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
    for (const who of ["", "sudo "]) {
      for (const rule of ["use_pty", "!use_pty"]) {
        place.allow(`Defaults:@ ${rule}`, "@ ALL=(ALL:ALL) ALL");
        // Who would wait for what is typed there fails at once.
        const opened = await run(session, `${who}cat /dev/tty; ${who}sh -c 'echo x >/dev/tty'; tty; :`);
        expect(opened).toMatchObject({ status: 0, stdout: "not a tty\n", stderr: expect.stringMatching(/\/dev\/tty/) });
      }
    }
    expect(await run(session, "/usr/bin/sudo -k id")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/terminal/),
    });
    const job = await run(session, "(sleep 100; :) & echo $!; exit 3");
    const left = await run(session, `sleep 0.2; kill -0 ${job.stdout.trim()} && echo there; kill ${job.stdout.trim()}`);
    expect(left).toMatchObject({ status: 0, stdout: "there\n" });
    // One that holds each terminal, and the older one's has gone.
    const holders = "ps -u $(id -u) -o stat=,comm= | grep -v '^Z' | grep -c 'holdfast-termin'";
    expect((await run(session, holders)).stdout).toBe("1\n");
    expect(person.questions.length).toBeGreaterThan(0);
  });
});

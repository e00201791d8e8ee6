import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { canUnshare } from "../ladder/odd-hosts.ts";
import { canMakeUsers, makeTempDir, waitUntil } from "../helpers/servers/index.ts";
import { forms } from "./forms.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** What does not know -A is not served. */
const withoutAskpass = / 0\.(?:[01]\.|2\.(?:\d|10)$)/;

/** Where distributions put it; HOLDFAST_SUDO_RS names others, several with colons: not every system has it. */
const usual = "/usr/lib/cargo/bin/sudo";
const programs = (process.env["HOLDFAST_SUDO_RS"] ?? usual)
  .split(":")
  .filter((path) => existsSync(path) && !withoutAskpass.test(versionOf(path)));

/** Earlier ones tell it on stderr. */
function versionOf(path: string): string {
  if (!existsSync(path)) return "sudo-rs";
  const { stdout, stderr } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return `${stdout}${stderr}`.trim();
}

/** How long an end may take on a busy machine. */
const limitMs = 20_000;

/** A file without tests fails; where there is no sudo-rs they are there, and skipped. */
const tried = programs.length === 0 ? [usual] : programs;

describe
  .runIf(canMakeUsers && canUnshare && programs.length > 0)
  .each(tried.map((path) => ({ path, version: versionOf(path) })))("$version", ({ path, version }) => {
  let place: SudoPlace;
  let session: SessionView;
  let person: Person;
  beforeAll(async () => {
    const directory = makeTempDir();
    const rules = join(directory.path, "sudoers");
    writeFileSync(rules, "root ALL=(ALL:ALL) ALL\nALL ALL=(ALL:ALL) ALL\n", { mode: 0o440 });
    place = await SudoPlace.open(
      "bash",
      [
        `mkdir -p /usr/lib/cargo/bin`,
        `cp -p ${path} ${directory.path}/sudo`,
        "mount -t tmpfs -o mode=755 tmpfs /usr/lib/cargo/bin",
        `cp -p ${directory.path}/sudo ${usual}`,
        `mount --bind ${usual} /usr/bin/sudo`,
        `mount --bind ${rules} /etc/sudoers`,
      ].join(" && "),
    );
    place.cleanup.add(() => {
      directory.remove();
    });
    session = await place.session("rs");
  });
  afterAll(() => place.cleanup.run());

  function meet(secret = place.user.password, remembers = true): Person {
    person = new Person(() => secret, remembers);
    place.meet(person);
    return person;
  }

  it("is the one that runs", async () => {
    expect(await run(session, "sudo --version 2>&1")).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it("asks once in all forms, and not at all with its ticket", async () => {
    for (const form of forms) {
      meet();
      expect(await run(session, "sudo -K")).toMatchObject({ status: 0 });
      for (const asked of [1, 0]) {
        const before = person.asked.length;
        const said = await run(session, form.text);
        expect({ form: form.name, ...said }).toMatchObject({
          form: form.name,
          status: 0,
          stdout: "0\n".repeat(form.runs),
          stderr: "",
        });
        expect({ form: form.name, asked: person.asked.length - before }).toEqual({ form: form.name, asked });
      }
      expect(person.asked[0]?.doubt).toBeUndefined();
    }
  });

  it("runs shell text, and as somebody else", async () => {
    meet();
    expect(await run(session, { command: "id -u; echo 'a  b'", sudo: "root" })).toMatchObject({
      status: 0,
      stdout: "0\na  b\n",
    });
    expect(await run(session, { command: "id -un", sudo: "daemon" })).toMatchObject({ status: 0, stdout: "daemon\n" });
  });

  it("fails with a wrong password, and where nobody answers", async () => {
    for (const secret of ["wrong", ""]) {
      meet(secret, false);
      const said = await run(session, "sudo -K; sudo id -u");
      expect(said).toMatchObject({ status: 1, stdout: "" });
    }
    meet();
    expect(await run(session, "sudo id -u")).toMatchObject({ status: 0, stdout: "0\n" });
  });

  it.each(["INT", "TERM", "KILL"] as const)("is ended by %s with what it runs", async (signal) => {
    meet();
    const command = await session.run({ command: "echo begun; sleep 77; echo after", sudo: "root" });
    await waitUntil("root runs it", () => command.stdoutBytes > 0);
    await command.stop(signal);
    await command.ended(limitMs);
    expect(command.state).toEqual({ kind: "signalled", signal });
    expect([command.stdoutBytes, await command.outOfReach?.()]).toEqual([6, []]);
    expect(await run(session, "echo alive")).toMatchObject({ stdout: "alive\n" });
  });
});

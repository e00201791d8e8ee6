import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers } from "../helpers/servers/index.ts";
import { canUnshare } from "../ladder/odd-hosts.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

describe.runIf(canMakeUsers && canUnshare)("sudo asks on a host", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  async function scene(mounts: string): Promise<{ readonly place: SudoPlace; readonly person: Person }> {
    const place = await SudoPlace.open("bash", mounts);
    cleanup.add(() => place.cleanup.run());
    place.allow("Defaults:@ timestamp_timeout=0", "@ ALL=(ALL:ALL) ALL");
    const person = new Person(() => place.user.password);
    place.meet(person);
    return { place, person };
  }

  it("where nothing can be executed in the session's directory", async () => {
    const { place, person } = await scene("mount -t tmpfs -o noexec,mode=1777 tmpfs /var/tmp");
    const session = await place.session("noexec");
    const asks = await run(
      session,
      'echo "$SUDO_ASKPASS"; readlink "${SUDO_ASKPASS%/ask}"; sudo id -u; (sudo id -u; :)',
    );
    expect(asks).toMatchObject({ status: 0, stderr: "" });
    expect(asks.stdout).toMatch(/^\/var\/tmp\/\.holdfast-\w+\/bin\/ask\n\/.*\/\.holdfast-bin-\w+\n0\n0\n$/);
    expect(person.asked).toHaveLength(1);
    expect(person.questions.map(({ doubt }) => doubt)).toEqual([undefined, undefined]);
    const kept = asks.stdout.split("\n")[1] ?? "";
    expect(existsSync(join(kept, "sudo"))).toBe(true);
  });

  it("without /proc: a person decides each time", async () => {
    const { place, person } = await scene("mount -t tmpfs tmpfs /proc");
    const session = await place.session("bare");
    expect(await run(session, "sudo id -u; (sudo id -u; :)")).toMatchObject({ status: 0, stdout: "0\n0\n" });
    expect(person.asked).toHaveLength(2);
    for (const { doubt, command } of person.asked) {
      expect(doubt).toMatch(/does not show which processes/);
      expect(command).toBeUndefined();
    }
  });
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { canMakeUsers, makeKeyPair, makeTempDir, startDropbear, startOpenSsh } from "../helpers/servers/index.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

const servers = [
  ["sshd that forwards no sockets", startOpenSsh, ["AllowStreamLocalForwarding no"]],
  ["dropbear", startDropbear, []],
] as const;

describe.runIf(canMakeUsers)("a key for sudo that cannot be lent", () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it.each(servers)("by %s: the password is asked for, and the reply says why", async (_name, start, config) => {
    const place = await SudoPlace.on((loginUser) => start({ loginUser, config }));
    cleanup.add(() => place.cleanup.run());
    place.allow("Defaults:@ timestamp_timeout=0", "@ ALL=(ALL:ALL) ALL");
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    const { file } = makeKeyPair(join(directory.path, "key"));
    const settings = process.env["HOLDFAST_CONFIG_DIR"] ?? "";
    mkdirSync(settings, { recursive: true, mode: 0o700 });
    writeFileSync(join(settings, "config.yaml"), `defaults: { sudo_key: "${file}" }\n`, { mode: 0o600 });
    const person = new Person(() => place.user.password);
    place.meet(person);
    const said = await run(await place.session("one"), "sudo id -u");
    expect(said).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
    expect(said.notes).toEqual([
      expect.stringMatching(/^sudo got no signature: .* refused to listen on .*AllowStreamLocalForwarding/),
    ]);
    expect(person.questions).toHaveLength(1);
  });
});

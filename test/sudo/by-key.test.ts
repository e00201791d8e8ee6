import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionView } from "../../src/sessions/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import {
  canMakeUsers,
  makeKeyPair,
  makeTempDir,
  onExit,
  type KeyPair,
  type KeyType,
} from "../helpers/servers/index.ts";
import { makePamService } from "../ssh/pam-service.ts";
import { startAgent } from "../ssh/ssh-agent.ts";
import { Person, SudoPlace, run } from "./sudo-place.ts";

/** What a thief does who has read how it works: has a socket lent to process $1, and puts its name into `$s`. */
const lent = (pid: string): string =>
  `D=\${SUDO_ASKPASS%/bin/ask}; printf '\\nkey %s\\n' ${pid} 1<>$D/ev; n=0; until [ -s $D/sa.${pid} ] || [ $n -ge 250 ]; do n=$((n+1)); sleep 0.1; done; read -r s <$D/sa.${pid}; `;

describe.runIf(canMakeUsers)("sudo by a key", () => {
  const cleanup = new Cleanup();
  let place: SudoPlace;
  let person: Person;
  let one: SessionView;
  let born = false;
  let allowed: string;
  let keys: Readonly<Record<KeyType | "other" | "locked", KeyPair>>;
  beforeAll(async () => {
    place = await SudoPlace.open();
    cleanup.add(() => place.cleanup.run());
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    const key = (called: string, options: Parameters<typeof makeKeyPair>[1] = {}): KeyPair =>
      makeKeyPair(join(directory.path, called), options);
    keys = {
      ed25519: key("ed25519"),
      ecdsa: key("ecdsa", { type: "ecdsa" }),
      rsa: key("rsa", { type: "rsa" }),
      other: key("other"),
      locked: key("locked", { passphrase: "not to be known" }),
    };
    // Nobody but root may be able to write there, or above.
    allowed = `/etc/security/${place.user.name}.keys`;
    cleanup.add(onExit(() => rmSync(allowed, { force: true })));
    const lines = [keys.ed25519, keys.ecdsa, keys.rsa, keys.locked].map(({ publicLine }) => `${publicLine}\n`);
    writeFileSync(allowed, lines.join(""), { mode: 0o644 });
    const service = makePamService([`sufficient pam_ssh_agent_auth.so file=${allowed}`, "required pam_unix.so"]);
    cleanup.add(() => service.remove());
    place.allow(
      `Defaults:@ pam_service=${service.name}, timestamp_timeout=0, env_keep+=SSH_AUTH_SOCK`,
      "@ ALL=(ALL:ALL) ALL",
    );
    await name(keys.ed25519.file);
  });
  afterAll(() => cleanup.run());

  /** The settings name this key; a server that comes then takes it. */
  async function name(key: string, more = ""): Promise<void> {
    await place.restart();
    person = new Person(() => place.user.password);
    place.meet(person);
    const directory = process.env["HOLDFAST_CONFIG_DIR"] ?? "";
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "config.yaml"), `defaults: { sudo_key: "${key}"${more} }\n`, { mode: 0o600 });
    one = await (born ? place.again("one") : place.session("one"));
    born = true;
  }

  it.each(["ed25519", "ecdsa", "rsa"] as const)("lets in who has a key of type %s, and asks nobody", async (type) => {
    await name(keys[type].file);
    const said = await run(one, { command: "id -u", sudo: "root" });
    expect(said).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
    expect(said.notes).toEqual([expect.stringMatching(/^sudo by the key SHA256:[\w+/]{43}$/)]);
    expect(person.questions).toEqual([]);
  });

  it("does so wherever sudo is called, for what it is called with, and leaves nothing behind", async () => {
    await name(keys.ed25519.file);
    // The server before this one may have left in the middle.
    await run(one, "rm -f ${SUDO_ASKPASS%/bin/ask}/sk.*");
    const long = "x".repeat(1_000);
    const text = `sudo id -u; (sudo id -u; :); sh -c 'sudo id -u; :'; echo $(sudo id -u) | cat; sudo sh -c 'echo "a  b
c"; : ${long}'; sudo id -u & wait`;
    expect(await run(one, text)).toMatchObject({ status: 0, stdout: "0\n0\n0\n0\na  b\nc\n0\n", stderr: "" });
    const big = `: ${"y ".repeat(3_000)}; id -u`;
    expect(await run(one, { command: big, sudo: "root" })).toMatchObject({ status: 0, stdout: "0\n" });
    expect(await run(one, { command: "id -u", sudo: "root", background: true })).toMatchObject({ stdout: "0\n" });
    expect(person.questions).toEqual([]);
    const gone = `n=0; while ls $D | grep -q '^s[ka][.]' && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done; ls $D | grep '^s[ka][.]'`;
    const left = await run(one, `echo \${SSH_AUTH_SOCK-none}; D=\${SUDO_ASKPASS%/bin/ask}; ${gone}`);
    expect(left).toMatchObject({ stdout: "none\n" });
    // It is not for what root runs.
    const root = await run(one, "sudo sh -c 'sleep 0.5; ssh-add -l' 2>&1");
    expect(root).toMatchObject({ status: 2, stdout: expect.stringMatching(/agent/) });
  });

  it("removes sockets that a server left behind which died, and only those", async () => {
    const make =
      "cd ${SUDO_ASKPASS%/bin/ask} && for n in old new; do ssh-agent -D -a $PWD/sk.$n >/dev/null & p=$!; until [ -S sk.$n ]; do sleep 0.1; done; kill -KILL $p; done; touch -d '5 minutes ago' sk.old; cd; sudo id -u";
    expect(await run(one, make)).toMatchObject({ stdout: "0\n" });
    const left = await run(one, "cd ${SUDO_ASKPASS%/bin/ask}; ls -d sk.old sk.new 2>/dev/null; rm -f sk.new; cd");
    expect(left.stdout).toBe("sk.new\n");
  });

  it("signs nothing else, and for nobody else", async () => {
    await name(keys.ed25519.file);
    writeFileSync(join(place.user.home, "key.pub"), `${keys.ed25519.publicLine}\n`, { mode: 0o644 });
    const sees = await run(one, `${lent("$$")} SSH_AUTH_SOCK=$s ssh-add -L; stat -c %a $s`);
    expect(sees.stdout).toContain(keys.ed25519.publicLine.split(" ")[1]);
    expect(sees.stdout).toMatch(/\n600\n$/);
    const signs = await run(
      one,
      `sleep 60 & ${lent("$!")} SSH_AUTH_SOCK=$s ssh-keygen -Y sign -f key.pub -n file key.pub; kill %1`,
    );
    expect(signs.stderr).toMatch(/agent refused/);
    const other = await run(
      one,
      `sleep 60 & ${lent("$!")} SSH_AUTH_SOCK=$s /usr/bin/sudo -n -A id; SSH_AUTH_SOCK=$s SUDO_ASKPASS=/bin/false /usr/bin/sudo -A id; kill %1`,
    );
    expect(other).toMatchObject({ stdout: "" });
    expect(other.notes).toContain("sudo got no signature: what wants it is not sudo, run by root");
    expect(person.questions).toEqual([]);
  });

  it("asks for the password where the key is not one that lets in, or cannot be used, and says why", async () => {
    await name(keys.other.file);
    expect(await run(one, "sudo id -u")).toMatchObject({ status: 0, stdout: "0\n", notes: [] });
    expect(person.questions).toHaveLength(1);
    await name(keys.locked.file);
    const said = await run(one, "sudo id -u");
    expect(said).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
    expect(said.notes).toEqual([expect.stringMatching(/^sudo got no signature: .*locked/)]);
    expect(person.questions).toHaveLength(1);
  });

  it("has an agent sign where the settings name a public key", async () => {
    const agent = await startAgent();
    cleanup.add(() => agent.stop());
    agent.add(keys.ecdsa.file);
    await name(`${keys.ecdsa.file}.pub`, `, agent: "${agent.socket}"`);
    expect(await run(one, "sudo id -u")).toMatchObject({ status: 0, stdout: "0\n", stderr: "" });
    expect(person.questions).toEqual([]);
  });
});

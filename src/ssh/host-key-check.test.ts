import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { HostKeyCheck, type HostIdentity } from "./host-key-check.ts";
import { parseKnownHosts } from "./known-hosts.ts";
import { wireString } from "./wire.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-host-keys-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const key = Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.alloc(32, 1))]);
const otherKey = Buffer.concat([wireString("ssh-ed25519"), wireString(Buffer.alloc(32, 2))]);

function identity(changes: Partial<HostIdentity> = {}): HostIdentity {
  return { alias: "web1", host: "10.0.0.5", port: 22, knownHostsFiles: [], unknownHostKey: "accept-new", ...changes };
}

describe("the host key of one connection", () => {
  it("is judged once: at every rekey the same key is accepted and written no second time", () => {
    const file = join(directory, "new", "known_hosts");
    const check = new HostKeyCheck(identity({ ownKnownHostsFile: file }), []);
    // ssh2 hands over views of a buffer that it uses again.
    const view = Buffer.from(key);
    expect(check.accepts(view)).toBe(true);
    view.fill(0);
    expect([check.accepts(key), check.accepts(Buffer.from(key))]).toEqual([true, true]);
    expect(readFileSync(file, "utf8")).toBe(`10.0.0.5 ssh-ed25519 ${key.toString("base64")}\n`);
  });

  it("may not change during the connection, even to one that is known", () => {
    const entries = parseKnownHosts(
      `10.0.0.5 ssh-ed25519 ${key.toString("base64")}\n10.0.0.5 ssh-ed25519 ${otherKey.toString("base64")}\n`,
      "f",
    );
    const check = new HostKeyCheck(identity(), entries);
    expect([check.accepts(key), check.accepts(otherKey)]).toEqual([true, false]);
    expect(check.refusal).toMatchObject({ code: "host_key_changed" });
  });

  it("reads as the contract has it", () => {
    const entries = parseKnownHosts(`10.0.0.5 ssh-ed25519 ${key.toString("base64")}\n`, "/home/me/.ssh/known_hosts");
    const check = new HostKeyCheck(identity(), entries);
    expect(check.accepts(otherKey)).toBe(false);
    expect(check.refusal?.message).toMatch(
      /^web1 \(10\.0\.0\.5\) offered SHA256:\S+, \/home\/me\/\.ssh\/known_hosts line 1 has SHA256:\S+$/,
    );
    expect(check.refusal?.hint).toBe("Nothing was sent. If the change is expected: holdfast trust web1");
  });

  it("is not accepted when it cannot be kept", () => {
    symlinkSync(join(directory, "elsewhere"), join(directory, "link"));
    const check = new HostKeyCheck(identity({ ownKnownHostsFile: join(directory, "link") }), []);
    expect(check.accepts(key)).toBe(false);
    expect(check.refusal).toMatchObject({ code: "config_invalid" });
  });
});

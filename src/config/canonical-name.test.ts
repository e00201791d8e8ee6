import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSettings } from "./ssh-config-reader.ts";

const directory = mkdtempSync(join(tmpdir(), "hf-canonical-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Settings of `name` where only `known` names exist; what was looked up. */
async function read(lines: readonly string[], name: string, known: readonly string[]) {
  const file = join(directory, "config");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const asked: string[] = [];
  const question = { name, hostName: undefined, user: undefined, port: undefined };
  const settings = await readSettings(question, { HOLDFAST_SSH_CONFIG: file }, async (one) => {
    asked.push(one);
    return known.includes(one);
  });
  return { host: settings.get("hostname")?.[0], port: settings.get("port")?.[0], asked };
}

const yes = ["CanonicalizeHostname yes", "CanonicalDomains one.example two.example"];

describe("CanonicalizeHostname", () => {
  it("takes the first domain that has the name, and reads again with it", async () => {
    const lines = [...yes, "Host web1.two.example", "Port 23", "Match canonical", "User u"];
    expect(await read(lines, "web1", ["web1.two.example."])).toEqual({
      host: "web1.two.example",
      port: "23",
      asked: ["web1.one.example.", "web1.two.example."],
    });
  });

  it("keeps names with enough dots, names that no domain has, and those behind a proxy", async () => {
    expect(await read(yes, "a.b.c", [])).toMatchObject({ host: "a.b.c", asked: [] });
    expect(await read([...yes, "CanonicalizeMaxDots 2"], "a.b.c", ["a.b.c.one.example."])).toMatchObject({
      host: "a.b.c.one.example",
    });
    expect(await read(yes, "web1", [])).toMatchObject({ host: "web1" });
    expect(await read([...yes, "ProxyJump gate"], "web1", ["web1.one.example."])).toMatchObject({ asked: [] });
    const always = ["CanonicalizeHostname always", ...yes.slice(1), "ProxyJump gate"];
    expect(await read(always, "web1", ["web1.one.example."])).toMatchObject({ host: "web1.one.example" });
  });

  it("refuses a name that is not found where there is no falling back", async () => {
    await expect(read([...yes, "CanonicalizeFallbackLocal no"], "web1", [])).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  it("looks an anchored name up as it is", async () => {
    expect(await read(yes, "web1.", ["web1."])).toMatchObject({ host: "web1", asked: ["web1."] });
  });
});

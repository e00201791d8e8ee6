import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { PlatformBook } from "./platform-book.ts";
import { readPrompt } from "./prompt.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-platforms-"));
const file = join(directory, "mine.yaml");
const book = new PlatformBook(directory);

const small = `name: my_switch
title: My switch
aliases: [my_other_switch]
modes:
  - { name: user, kind: user, prompt: '^{host}>\\s?$' }
`;

function write(text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}

beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the platforms of a user", () => {
  it("are found by name and alias, as their files are now", async () => {
    await expect(book.find("my_switch")).rejects.toMatchObject({
      code: "bad_input",
      hint: expect.stringContaining("cisco_ios"),
    });
    write(small);
    for (const name of ["my_switch", "MY_OTHER_SWITCH"]) {
      expect(await book.find(name)).toMatchObject({ origin: file, platform: { title: "My switch", longestLine: 254 } });
    }
  });

  it("replace those that come with Holdfast", async () => {
    write(small.replace("my_switch", "cisco_ios"));
    const { platform, origin } = await book.find("cisco_ios");
    expect(origin).toBe(file);
    expect(readPrompt(platform, "r1#")).toBeUndefined();
    expect((await book.all()).filter((known) => known.platform.name === "cisco_ios")).toHaveLength(1);
    expect((await book.find("cisco_xe").catch(() => undefined))?.origin).toBeUndefined();
  });

  it.each([
    ["name: x_1\ntitle: t\n", /modes: /],
    [small.replace("^{host}>", "^({host}"), /modes\.0\.prompt: .*[Ii]nvalid regular expression/],
    [small.replace("^{host}>", "^(?:{host}+)+>"), /modes\.0\.prompt: it could take too long/],
    [small.replace("kind: user", "kind: boss"), /modes\.0\.kind: .*"user"/],
    [small.replace("title", "titel"), /titel|title/],
    [`${small}pagers: []\n`, /unknown key "pagers"/],
    [`${small}errors: ['(?<=x)y']\n`, /errors\.0: it has \(\?<=/],
    [`${small}steps: { enable: { comand: enable } }\n`, /steps\.enable/],
    [`${small}blocks: [{ begin: '^banner' }]\n`, /blocks\.0: say what ends it/],
    [`${small}blocks: [{ begin: '^(?<end>(?:a+)+)$' }]\n`, /blocks\.0\.begin: it could take too long/],
    [`${small}host: '['\n`, /modes\.0\.prompt|host/],
    [small.replace("my_switch", "My Switch"), /name: use small letters/],
    ["name: [\n", /it is no YAML/],
    ["- 1\n", /./],
    ["", /./],
  ])("%j is refused, naming file, key and reason", async (text, message) => {
    write(text);
    const refused = { code: "config_invalid", message: expect.stringMatching(message) };
    await expect(book.all()).rejects.toMatchObject(refused);
    await expect(book.find("cisco_ios")).rejects.toThrow(file);
  });

  it("are refused when others could change them, or two have one name", async () => {
    write(small);
    chmodSync(file, 0o666);
    await expect(book.all()).rejects.toMatchObject({ message: expect.stringContaining("written to by others") });
    chmodSync(file, 0o600);
    const twin = join(directory, "twin.yaml");
    writeFileSync(twin, small, { mode: 0o600 });
    await expect(book.all()).rejects.toMatchObject({ message: expect.stringContaining("has the name my_switch") });
    rmSync(twin);
  });
});

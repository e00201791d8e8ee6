import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { makeTempDir, startOpenSsh } from "../helpers/servers/index.ts";
import { eras, type Era } from "../mcp/connect.ts";

/** A client that works in `here/cwd`, and the directories that its person has opened to it. */
interface Opened {
  roots: readonly string[];
  asked: number;
  readonly client: Client;
}

describe("local directories of copies, to clients of one daemon", () => {
  const cleanup = new Cleanup();
  let place: PrivatePlace;
  let on: string;
  let here: string;
  beforeAll(async () => {
    const server = await startOpenSsh();
    cleanup.add(() => server.stop());
    place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    cleanup.add(() => stopDaemon(place));
    on = server.alias;
    const directory = makeTempDir();
    cleanup.add(() => {
      directory.remove();
    });
    here = realpathSync(directory.path);
    // Of different sizes: what looks the same is not copied again.
    for (const [number, name] of ["cwd", "a b", "other", "third"].entries()) {
      mkdirSync(join(here, name));
      writeFileSync(join(here, name, "f"), "x".repeat(number + 1));
    }
    symlinkSync("../other/f", join(here, "a b/link"));
  });
  afterAll(() => cleanup.run());

  async function open(era: Era, roots: readonly string[] | "none", listChanged = true): Promise<Opened> {
    const capabilities = roots === "none" ? {} : { roots: { listChanged } };
    const client = new Client({ name: "rooted", version: "1" }, { capabilities, versionNegotiation: { mode: era } });
    const opened: Opened = { roots: roots === "none" ? [] : roots, asked: 0, client };
    if (roots !== "none") {
      client.setRequestHandler("roots/list", () => {
        opened.asked += 1;
        return { roots: opened.roots.map((uri) => ({ uri })) };
      });
    }
    // Directories of its own, but the temporary one: all of these are in there.
    const env = { ...environmentOf(place), TMPDIR: join(here, "third") };
    cleanup.add(() => client.close());
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [builtServer], env, cwd: join(here, "cwd") }),
    );
    return opened;
  }

  async function copy({ client }: Opened, from: string, to = "taken"): Promise<string> {
    const result = await client.callTool({ name: "ssh_copy", arguments: { from, to: `${on}:${place.root}/${to}` } });
    return result.content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
  }

  const uri = (name: string): string => pathToFileURL(join(here, name)).href;

  it.each(eras)("are the roots that a client of %s names, and no others", async (_revision, era) => {
    const [one, other, plain] = await Promise.all([
      open(era, [uri("a b"), "file://box/other", "https://example.org/other"]),
      open(era, [uri("other")]),
      open(era, "none"),
    ]);
    expect(await copy(one, join(here, "a b/f"))).toMatch(/^copied · /);
    expect(readFileSync(join(place.root, "taken"), "utf8")).toBe("xx");
    for (const path of ["other/f", "cwd/f", "third/f", "a b/link", "a b/../other/f"]) {
      expect(await copy(one, `${here}/${path}`)).toMatch(/^denied_by_policy: .* is outside of /);
    }
    expect(await copy(one, "f")).toMatch(/^denied_by_policy: /);
    expect(await copy(other, join(here, "a b/f"))).toMatch(/^denied_by_policy: /);
    expect(await copy(other, join(here, "other/f"))).toMatch(/^copied · /);
    expect(await copy(plain, "f")).toMatch(/^copied · /);
    expect(await copy(plain, join(here, "other/f"))).toMatch(/^denied_by_policy: /);
    expect(plain.asked).toBe(0);
  });

  it.each(eras)(
    "are the default where a client of %s names none, and none where it names only others",
    async (_revision, era) => {
      const [silent, elsewhere] = await Promise.all([
        open(era, []),
        open(era, ["vscode-remote://ssh-remote+box/srv", "file:///"]),
      ]);
      expect(await copy(silent, "f")).toMatch(/^copied · /);
      expect(await copy(silent, join(here, "other/f"))).toMatch(/^denied_by_policy: /);
      expect(await copy(elsewhere, "f")).toMatch(/^denied_by_policy: no directory of this machine is open to copies/);
    },
  );

  it("are others when the client says that they have changed", async () => {
    const [, legacy] = eras[0];
    const opened = await open(legacy, [uri("a b")]);
    expect(await copy(opened, join(here, "a b/f"))).toMatch(/^copied · /);
    expect(await copy(opened, join(here, "other/f"))).toMatch(/^denied_by_policy: /);
    expect(opened.asked).toBe(1);
    opened.roots = [uri("other")];
    // oxlint-disable-next-line typescript/no-deprecated -- clients of today do it
    await opened.client.sendRootsListChanged();
    expect(await copy(opened, join(here, "other/f"))).toMatch(/^copied · /);
    expect(await copy(opened, join(here, "a b/f"))).toMatch(/^denied_by_policy: /);
    expect(opened.asked).toBe(2);
    const mute = await open(legacy, [uri("a b")], false);
    expect(await copy(mute, join(here, "a b/f"))).toMatch(/^copied · /);
    mute.roots = [];
    expect(await copy(mute, join(here, "a b/f"))).toMatch(/^denied_by_policy: /);
  });
});

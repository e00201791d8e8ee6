import { writeFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { environmentOf, stopDaemon } from "../helpers/daemon.ts";
import { builtServer } from "../helpers/holdfast.ts";
import { createPrivatePlace, type PrivatePlace } from "../helpers/private-place.ts";
import { canMakeUsers, createLoginUser, startOpenSsh, type LoginUser } from "../helpers/servers/index.ts";
import { eras, type Era } from "../mcp/connect.ts";
import { hasChromium, looksToPlay, openWindow, startChromium, type Look } from "./chromium.ts";

describe.runIf(hasChromium && canMakeUsers)("a command that needs a password", () => {
  const cleanup = new Cleanup();
  let browser: Browser;
  let place: PrivatePlace;
  let user: LoginUser;
  let on = "";
  beforeAll(async () => {
    user = await createLoginUser();
    cleanup.add(() => {
      user.remove();
    });
    const rules = `/etc/sudoers.d/${user.name}`;
    writeFileSync(rules, `${user.name} ALL=(ALL:ALL) ALL\n`, { mode: 0o440 });
    cleanup.add(() => {
      rmSync(rules);
    });
    const server = await startOpenSsh({ loginUser: user });
    cleanup.add(() => server.stop());
    on = server.alias;
    place = await createPrivatePlace(server.sshConfigFile);
    cleanup.add(() => place.remove());
    mkdirSync(join(place.root, "config"), { mode: 0o700 });
    // Each command asks anew.
    writeFileSync(join(place.root, "config", "config.yaml"), "secrets: { remember: never }\n", { mode: 0o600 });
    cleanup.add(() => stopDaemon(place));
    browser = await startChromium();
    cleanup.add(() => browser.close());
  });
  afterAll(() => cleanup.run());

  /** A client whose person opens what they are sent to, and types. */
  async function connect(era: Era, meet: (message: string, url: string) => Promise<void>): Promise<Client> {
    const client = new Client(
      { name: "paged", version: "1" },
      { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: era } },
    );
    cleanup.add(() => client.close());
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      if (params.mode !== "url") throw new Error("asked by a form");
      await meet(params.message, params.url);
      return { action: "accept" };
    });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [builtServer], env: environmentOf(place) }),
    );
    return client;
  }

  async function type(page: Page, text: string): Promise<void> {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
  }

  async function play(era: Era, look: Look): Promise<void> {
    const page = await openWindow(browser, look);
    const words = ["a wrong one", user.password];
    const seen: string[] = [];
    const client = await connect(era, async (message, url) => {
      await page.goto(url);
      const text = await page.locator("main").innerText();
      seen.push(text);
      const code = /\d{4}/.exec(await page.locator(".code").innerText())?.[0] ?? "none";
      expect(message).toContain(`the code ${code}.`);
      await type(page, words.shift() ?? "");
    });
    const call = { name: "ssh_run", arguments: { on, command: "sudo -k id -un", wait_s: 100 } };
    const { content } = await client.callTool(call, { timeout: 120_000 });
    const said = content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
    expect(said).toMatch(/^exit 0 · .*\n(?:\[stdout\]\n)?root\n/);
    expect(said).not.toContain(user.password);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toContain("/usr/bin/sudo -A -k id -un");
    expect(seen[0]).not.toContain("What was given before was wrong");
    expect(seen[1]).toContain("What was given before was wrong");
    await client.close();
    await page.context().close();
  }

  it.each(looksToPlay.map((look, at) => ({ ...look, revision: eras[at % eras.length]?.[0] })))(
    "asks on the page at $width pixels, $scheme, for a client of $revision, and runs as root",
    async ({ revision, ...look }) => {
      await play(eras.find(([name]) => name === revision)?.[1] ?? "legacy", look);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { hasChromium, inFull, openWindow } from "./chromium.ts";
import { openHttpListener } from "../../src/web/index.ts";
import { PagePlace, type Asked } from "./page-place.ts";
import { sudoQuestion } from "./questions.ts";

const look = { width: 1440, scheme: "light" } as const;

describe.runIf(hasChromium)("in Chromium, the page turns away", () => {
  let place: PagePlace;
  beforeAll(async () => {
    place = await PagePlace.open();
  });
  afterAll(() => place.close());

  /** A question whose page a person has open. */
  async function opened(): Promise<Asked & { readonly page: Page }> {
    const asked = await place.ask(sudoQuestion);
    const page = await openWindow(place.browser, look);
    await page.goto(asked.address);
    return { ...asked, page };
  }

  async function send(page: Page, text = "secret-word"): Promise<number | undefined> {
    await page.locator("#field0").fill(text);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      page.waitForEvent("load"),
      page.keyboard.press("Enter"),
    ]);
    return answer.status();
  }

  it("whoever sends the form a second time, or opens the link again", async () => {
    const { page, answer, address } = await opened();
    const twin = await page.context().newPage();
    await twin.goto(address);
    expect(await send(page)).toBe(200);
    expect(await answer).toEqual({ kind: "answered", values: ["secret-word"] });
    expect(await send(twin, "another-word")).toBe(410);
    expect((await twin.goto(address))?.status()).toBe(410);
  });

  it("a second browser", async () => {
    const { page, address, open } = await opened();
    const other = await openWindow(place.browser, look);
    expect((await other.goto(address))?.status()).toBe(403);
    expect(await other.locator("input").count()).toBe(0);
    expect(open.over.aborted).toBe(false);
    expect(await send(page)).toBe(200);
  });

  it("a form of another origin in the same browser, and one in a frame", async () => {
    const { page, address, open } = await opened();
    // Even if it knew the code of the form.
    const csrf = await page.locator("[name=csrf]").inputValue();
    const form = `<form method=post action="${address}"><input name=csrf value=${csrf}><input name=field0 value=stolen><input name=action value=answer><button id=go>go</button></form><iframe src="${address}"></iframe>`;
    const listener = await openHttpListener({
      address: "127.0.0.1",
      port: 0,
      answer: async () => new Response(form, { headers: { "content-type": "text/html" } }),
      onError: () => undefined,
    });
    const evil = await page.context().newPage();
    await evil.goto(`http://127.0.0.1:${listener.port}/`);
    // Chromium shows a page of its own where it may not show ours.
    for (const frame of evil.frames().slice(1)) expect(await frame.locator("input").count()).toBe(0);
    const [answer] = await Promise.all([
      evil.waitForResponse((response) => response.request().method() === "POST"),
      evil.locator("#go").click(),
    ]);
    expect(answer.status()).toBe(403);
    expect(open.over.aborted).toBe(false);
    expect(await send(page)).toBe(200);
    await listener.close();
  });

  it("another name for this machine, a wrong path, and a wrong code in the form", async () => {
    const { page, address, open } = await opened();
    const other = await page.context().newPage();
    expect((await other.goto(address.replace("127.0.0.1", "localhost")))?.status()).toBe(421);
    const last = address.endsWith("0") ? "1" : "0";
    expect((await other.goto(`${address.slice(0, -1)}${last}`))?.status()).toBe(404);
    await page.evaluate('document.querySelector("[name=csrf]").value = "0".repeat(32)');
    expect(await send(page)).toBe(403);
    expect(open.over.aborted).toBe(false);
    await page.goto(address);
    expect(await send(page)).toBe(200);
  });

  it.runIf(inFull)("nobody who reloads it many times, and runs no script", async () => {
    const { page, address } = await opened();
    const said: string[] = [];
    page.on("pageerror", ({ message }) => void said.push(message));
    // Browsers ask for an icon by themselves, which must not count as looking for the path.
    for (let n = 0; n < 25; n += 1) await page.goto(address);
    expect(await page.evaluate("document.scripts.length")).toBe(0);
    expect(said).toEqual([]);
    expect(await send(page)).toBe(200);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { hasChromium, looksToPlay, openWindow, takePicture, type Look } from "./chromium.ts";
import { focusOf, measurePage } from "./measure.ts";
import { PagePlace } from "./page-place.ts";
import { longQuestion, sudoQuestion, trustQuestion } from "./questions.ts";

/** What WCAG 2 asks of text, and of what a finger should hit. */
const leastContrast = 4.5;
const lowestPx = 44;

describe.runIf(hasChromium)("the page in Chromium", () => {
  let place: PagePlace;
  beforeAll(async () => {
    place = await PagePlace.open();
  });
  afterAll(() => place.close());

  async function judge(page: Page, name: string, { width, scheme }: Look): Promise<void> {
    await takePicture(page, `${name}-${width}-${scheme}`);
    const { palest, ...rest } = await measurePage(page);
    expect(rest, `${name}: ${palest}`).toMatchObject({ overflow: 0, shift: 0, unlabelled: [], language: "en" });
    expect(rest.leastContrast, `${name}: ${palest}`).toBeGreaterThanOrEqual(leastContrast);
    expect(rest.lowestPx, name).toBeGreaterThanOrEqual(lowestPx);
  }

  it.each(looksToPlay)("can be read and used at $width pixels, $scheme", async (look) => {
    const page = await openWindow(place.browser, look);
    for (const question of [sudoQuestion, trustQuestion, longQuestion]) {
      await page.goto((await place.ask(question)).address);
      await judge(page, question.key, look);
    }
    // What went wrong is said on the page itself, beside what can be done.
    const { address, answer, open } = await place.ask(sudoQuestion);
    await page.goto(address);
    await page.evaluate('document.querySelector("#field0").removeAttribute("maxlength")');
    await page.locator("#field0").fill("x".repeat(5_000));
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await focusOf(page)).toMatchObject({ name: "field0" });
    expect(await page.locator("#field0").getAttribute("aria-describedby")).toBe("problem");
    expect(await page.locator("#field0").inputValue()).toBe("");
    await judge(page, "problem", look);
    expect(open.over.aborted).toBe(false);
    await page.keyboard.type("12345");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await judge(page, "thanks", look);
    expect(await answer).toEqual({ kind: "answered", values: ["12345"] });
    // Back, and once more.
    await page.goto(address);
    await page.getByRole("heading", { name: "It is over" }).waitFor();
    await judge(page, "over", look);
    await page.context().close();
  });

  it("is filled in by keyboard alone: from the field to both buttons, each with a visible focus", async () => {
    const page = await openWindow(place.browser, { width: 1440, scheme: "light" });
    const first = await place.ask(sudoQuestion);
    await page.goto(first.address);
    const order = [];
    for (let n = 0; n < 3; n += 1) {
      order.push(await focusOf(page));
      await page.keyboard.press("Tab");
    }
    expect(order.map(({ name }) => name)).toEqual(["field0", "answer", "refuse"]);
    for (const { outlinePx } of order) expect(outlinePx).toBeGreaterThanOrEqual(2);
    // Nothing typed is no answer: the browser keeps it, and the server would.
    await page.locator("#field0").focus();
    await page.keyboard.press("Enter");
    expect(first.open.over.aborted).toBe(false);
    await page.evaluate('document.querySelector("#field0").removeAttribute("required")');
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "Nothing was typed" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Refused" }).waitFor();
    expect(await first.answer).toEqual({ kind: "refused" });
    // The safe way is the first one.
    const trust = await place.ask(trustQuestion);
    await page.goto(trust.address);
    await page.keyboard.press("Tab");
    expect(await focusOf(page)).toMatchObject({ name: "refuse" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    expect(await trust.answer).toEqual({ kind: "answered", values: [] });
  });

  it("says by itself that its time is up, and sends nothing any more", async () => {
    const page = await openWindow(place.browser, { width: 360, scheme: "light" });
    const { address, answer } = await place.ask(sudoQuestion, 2_500);
    await page.goto(address);
    await page.getByText("The time is up").waitFor({ state: "visible" });
    await takePicture(page, "late");
    expect(await page.locator("#field0").isVisible()).toBe(false);
    expect(await answer).toEqual({ kind: "nobody" });
    expect((await measurePage(page)).shift).toBe(0);
    await page.reload();
    await page.getByRole("heading", { name: "It is over" }).waitFor();
  });
});

import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

/** Where Debian, Ubuntu and others put it. */
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

/** A page that is on this machine is there in no time; the machine may be busy. */
const limitMs = 30_000;

/** How wide a window is, and what its person likes. */
export interface Look {
  readonly width: 360 | 1440;
  readonly scheme: "light" | "dark";
}

/** A telephone and a desk, by day and by night. */
const looks: readonly Look[] = ([360, 1440] as const).flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, scheme })),
);

/** `npm run page` plays everything. */
export const inFull = process.env["HOLDFAST_PAGE"] === "full";

/** All looks, or each width and each scheme once. */
export const looksToPlay = looks.filter(({ width, scheme }) => inFull || (width === 360) === (scheme === "dark"));

/** Whether there is a Chromium to test with. */
export const hasChromium = program !== undefined;

/** A real Chromium, without a window. Whoever starts it closes it. */
export async function startChromium(): Promise<Browser> {
  if (program === undefined) throw new Error("there is no chromium");
  return chromium.launch({ executablePath: program, timeout: 2 * limitMs });
}

/** A browser of its own, as far as cookies go. It is closed with the Chromium. */
export async function openWindow(browser: Browser, { width, scheme }: Look): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme });
  context.setDefaultTimeout(limitMs);
  return context.newPage();
}

/** Takes a picture for people to look at, where `HOLDFAST_PICTURES` names a directory for them. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const directory = process.env["HOLDFAST_PICTURES"];
  if (directory !== undefined) await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}

import type { Page } from "playwright-core";
import { z } from "zod";

/** What can be measured of a page as it is shown. */
const measured = z.object({
  /** Of each piece of text, the one with the least. */
  leastContrast: z.number(),
  palest: z.string(),
  /** Pixels that the page is wider than its window. */
  overflow: z.number(),
  /** Sum of the shifts of what was already there. */
  shift: z.number(),
  /** Fields without a label of their own. */
  unlabelled: z.array(z.string()),
  /** Height of the lowest thing that can be pressed or filled in. */
  lowestPx: z.number(),
  language: z.string(),
});

export type Measured = z.output<typeof measured>;

/** Runs in the page, which may run nothing by itself. Contrast as WCAG 2 has it; grounds are looked for outwards and are opaque here. */
const measure = `(async () => {
  const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (colour) => { const [r, g, b] = parts(colour); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const seen = (colour) => parts(colour).length === 3 || parts(colour)[3] > 0;
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if (seen(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""));
  const contrasts = texts.map((element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    return { contrast: (one + 0.05) / (other + 0.05), text: element.textContent };
  }).sort((a, b) => a.contrast - b.contrast);
  const shifts = await new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
  });
  const fields = [...document.querySelectorAll("input:not([type=hidden])")];
  const pressed = [...fields, ...document.querySelectorAll("button")];
  return {
    leastContrast: contrasts[0]?.contrast ?? 0,
    palest: contrasts[0]?.text ?? "",
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    shift: shifts,
    unlabelled: fields.filter((field) => (field.labels?.[0]?.textContent ?? "").trim() === "").map((field) => field.name),
    lowestPx: Math.min(...pressed.map((element) => element.getBoundingClientRect().height), 1000),
    language: document.documentElement.lang,
  };
})()`;

/** Looks at what the page shows. */
export async function measurePage(page: Page): Promise<Measured> {
  return measured.parse(await page.evaluate(measure));
}

const focused = z.object({ name: z.string(), outlinePx: z.number() });

/** What has the focus, and how thick the line around it is. */
export async function focusOf(page: Page): Promise<z.output<typeof focused>> {
  return focused.parse(
    await page.evaluate(`(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return { name: element.value && element.tagName === "BUTTON" ? element.value : element.name ?? "", outlinePx: outlineStyle === "none" ? 0 : parseFloat(outlineWidth) };
    })()`),
  );
}

import type { Browser } from "playwright-core";
import { ApprovalDesk, type Answer, type OpenQuestion, type Question } from "../../src/approvals/index.ts";
import { randomHex } from "../../src/base/index.ts";
import { openOneTimePage } from "../../src/web/index.ts";
import { startChromium } from "./chromium.ts";

/** A question that is open, and the page where it can be answered. */
export interface Asked {
  readonly open: OpenQuestion;
  readonly address: string;
  readonly answer: Promise<Answer>;
}

/** A desk whose questions have pages, and a browser to open them with. */
export class PagePlace {
  readonly browser: Browser;
  readonly #desk = new ApprovalDesk({ patienceMs: () => 600_000, openPage: (open) => openOneTimePage(open) });

  private constructor(browser: Browser) {
    this.browser = browser;
    this.#desk.welcomeVisitors();
  }

  static async open(): Promise<PagePlace> {
    return new PagePlace(await startChromium());
  }

  /** Asks, apart from all that was asked before. */
  async ask(question: Question, limitMs = 300_000): Promise<Asked> {
    const key = randomHex(8);
    const answer = this.#desk.ask({ ...question, key, refusalKey: key }, { limitMs });
    const open = this.#desk.questions.at(-1);
    if (open === undefined) throw new Error("nothing is asked");
    return { open, address: await open.page(), answer };
  }

  async close(): Promise<void> {
    this.#desk.close();
    await this.browser.close();
  }
}

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { shortSecretNote, type OpenQuestion } from "../approvals/index.ts";
import { after, randomHex } from "../base/index.ts";
import { openHttpListener, type HttpListener } from "./http-listener.ts";
import { formNames, messageHtml, questionHtml, type Message } from "./question-html.ts";
import { readBody } from "./read-body.ts";

const address = "127.0.0.1";

/** 192 bits: nobody guesses the path, also not another user of this machine. */
const tokenBytes = 24;

/** A form of eight fields at their longest, every character escaped, is larger; what people type is far smaller. */
const longestBodyBytes = 16_384;

/** Whoever asks for so many wrong paths is looking for the right one. */
const mostWrongPaths = 20;

/** The last answer gets out within this time. */
const lastAnswerMs = 1_000;

/** So long a browser that comes late is told that it is over, and does not find a closed port. */
const usualLateMs = 10_000;

const cookieName = "holdfast";

/**
 * Opens a page on loopback where one question can be answered once, and gives its address; it closes by itself when the question is over.
 * Only the browser that opens it first can use it, and only from the page itself.
 */
export async function openOneTimePage(open: OpenQuestion, lateMs = usualLateMs): Promise<string> {
  return new OneTimePage(open, lateMs).listen();
}

class OneTimePage {
  readonly #open: OpenQuestion;
  readonly #lateMs: number;
  readonly #path = `/ask/${randomHex(tokenBytes)}`;
  readonly #csrf = randomHex(16);
  /** The browser that opened the page first has it. */
  #cookie: string | undefined;
  #wrongPaths = 0;
  #listener: HttpListener | undefined;

  constructor(open: OpenQuestion, lateMs: number) {
    this.#open = open;
    this.#lateMs = lateMs;
  }

  async listen(): Promise<string> {
    const listener = await openHttpListener({
      address,
      port: 0,
      answer: (incoming) => this.#answer(incoming),
      // A browser that goes away is no accident, and nothing of ours may be written about what it sends.
      onError: () => undefined,
    });
    this.#listener = listener;
    const { over } = this.#open;
    if (over.aborted) this.#closeLater();
    else over.addEventListener("abort", () => this.#closeLater(), { once: true });
    return `http://${address}:${listener.port}${this.#path}`;
  }

  #closeLater(): void {
    this.#listener?.unref();
    after(this.#lateMs, () => this.#close());
  }

  #close(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    listener.stopAccepting();
    listener
      .quiet(lastAnswerMs)
      .then(() => listener.close())
      .catch(() => undefined);
  }

  async #answer(incoming: IncomingMessage): Promise<Response> {
    const refusal = this.#judgeRequest(incoming);
    if (refusal !== undefined) return refusal;
    if (this.#open.over.aborted) return said(410, over);
    if (incoming.method === "GET") return this.#show(incoming);
    if (incoming.method === "POST") return this.#take(incoming);
    return said(405, { title: "No", text: "This page can be read and answered." }, { allow: "GET, POST" });
  }

  /** A name that was made to point here (DNS rebinding) shows in `Host`; whoever does not know the path learns nothing. */
  #judgeRequest(incoming: IncomingMessage): Response | undefined {
    const port = this.#listener?.port ?? 0;
    if (incoming.headers.host !== `${address}:${port}`) {
      return said(421, { title: "Wrong host", text: "This page has another address." });
    }
    if (same((incoming.url ?? "").split("?")[0] ?? "", this.#path)) return undefined;
    this.#wrongPaths += 1;
    if (this.#wrongPaths >= mostWrongPaths) this.#close();
    return said(404, { title: "Not found", text: "There is nothing here." });
  }

  #show(incoming: IncomingMessage): Response {
    const { headers } = incoming;
    if (headers["sec-purpose"] !== undefined || headers["x-moz"] === "prefetch") {
      return said(503, { title: "Not yet", text: "This page is not loaded ahead of time." });
    }
    if (this.#cookie !== undefined && !this.#hasCookie(incoming)) {
      return said(403, { title: "Open elsewhere", text: "This page is open in another browser." });
    }
    this.#cookie ??= randomHex(16);
    const nonce = randomHex(12);
    const cookie = `${cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=${this.#path}; Max-Age=${Math.ceil(this.#open.leftMs / 1_000)}`;
    return page(200, questionHtml(this.#open, { csrf: this.#csrf, nonce }), nonce, { "set-cookie": cookie });
  }

  async #take(incoming: IncomingMessage): Promise<Response> {
    const { headers } = incoming;
    const site = headers["sec-fetch-site"];
    const ours = headers.origin === `http://${headers.host ?? ""}` && (site === undefined || site === "same-origin");
    if (!ours || !this.#hasCookie(incoming)) return said(403, foreign);
    if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(headers["content-type"] ?? "")) {
      return said(415, { title: "No", text: "That is no form." });
    }
    const body = await readBody(incoming, longestBodyBytes);
    if (body.kind !== "whole") {
      return said(413, { title: "Too much", text: "That is more than fits into this form." }, { connection: "close" });
    }
    const form = new URLSearchParams(body.bytes.toString("utf8"));
    body.bytes.fill(0);
    if (!same(form.get(formNames.csrf) ?? "", this.#csrf)) return said(403, foreign);
    return this.#settle(form);
  }

  #settle(form: URLSearchParams): Response {
    const action = form.get(formNames.action);
    if (action === formNames.refuse) {
      return this.#open.refuse() ? said(200, refused) : said(410, over);
    }
    const { question } = this.#open;
    const fields = question.kind === "fields" ? question.fields : [];
    const values = fields.map((_field, at) => form.get(formNames.field(at)) ?? "");
    const isMissing = fields.some(({ required }, at) => required === true && values[at] === "");
    if (action === formNames.answer && !isMissing && this.#open.answer(values)) {
      const note = shortSecretNote(fields, values);
      const text = `You can close this page.${note === undefined ? "" : ` ${note}`}`;
      return said(200, { title: "Thank you", text, isGood: true });
    }
    if (this.#open.over.aborted) return said(410, over);
    return this.#again(isMissing ? missing : unfit);
  }

  /** The same page once more, with what was wrong. What was typed is not in it. */
  #again(problem: string): Response {
    const nonce = randomHex(12);
    return page(400, questionHtml(this.#open, { csrf: this.#csrf, nonce, problem }), nonce, {});
  }

  #hasCookie({ headers }: IncomingMessage): boolean {
    const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
    return this.#cookie !== undefined && pairs.some((pair) => same(pair, `${cookieName}=${this.#cookie ?? ""}`));
  }
}

const missing = "Nothing was typed. Type it, or refuse.";
const unfit = "That cannot be an answer: it must be one line of at most 4,096 characters. Type it again.";
const refused: Message = { title: "Refused", text: "Nothing was sent. You can close this page.", isGood: true };
const over: Message = {
  title: "It is over",
  text: "This question was answered, or its time was up. You can close this page.",
};
const foreign: Message = {
  title: "Not from here",
  text: "Only the page itself, in the browser that opened it, can answer.",
};

/** The same time for every difference. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function said(status: number, message: Message, headers: Readonly<Record<string, string>> = {}): Response {
  const nonce = randomHex(12);
  return page(status, messageHtml(message, nonce), nonce, headers);
}

function page(status: number, text: string, nonce: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      // `no-referrer` would make browsers send `Origin: null` with the form.
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      ...headers,
    },
  });
}

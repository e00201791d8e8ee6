import { shortestSecret } from "../approvals/index.ts";
import { monotonicMs } from "../base/index.ts";
import { formsOf } from "./secret-forms.ts";
import { TextScanner, type Span } from "./text-scanner.ts";
import { hideTokens } from "./token-patterns.ts";

/** What stands in place of a secret. */
const replacement = "[secret]";

/** Less than this of a secret at an end is chance: it is not waited for what follows. */
const shortestBeginning = 4;

/** A person types a handful a day; beyond this the oldest is forgotten. */
const mostSecrets = 100;

/** Codes of second factors are digits, and worth nothing after a minute; numbers like them are everywhere in output. */
const oneTimeCode = /^\d{6,10}$/;
const codeLifeMs = 300_000;

interface Known {
  readonly forms: readonly string[];
  readonly untilMs: number;
}

interface RedactorOptions {
  /** Whether what looks like a token goes too; asked each time. Default: no. */
  readonly hidesTokens?: () => boolean;
}

/** Replaces the secrets it was told in all that leaves the server: as they are and as tools commonly encode them. */
export class Redactor {
  readonly #options: RedactorOptions;
  readonly #known = new Map<string, Known>();
  /** For text, and for bytes that are seen as one unit each. */
  #scanners: { readonly text: TextScanner; readonly bytes: TextScanner } | undefined;
  #staleMs = Number.POSITIVE_INFINITY;

  constructor(options: RedactorOptions = {}) {
    this.#options = options;
  }

  /** From now on `secret` does not leave. False when it is too short to be told from other text. */
  learn(secret: string): boolean {
    if (secret.length < shortestSecret) return false;
    const before = this.#known.get(secret);
    const untilMs = oneTimeCode.test(secret) ? monotonicMs() + codeLifeMs : Number.POSITIVE_INFINITY;
    // Last in the order of forgetting. Settings tell theirs with every call: what is known makes no work.
    this.#known.delete(secret);
    this.#known.set(secret, { forms: before?.forms ?? formsOf(secret), untilMs });
    if (before?.untilMs === untilMs) return true;
    this.#staleMs = 0;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostSecrets) break;
      this.#known.delete(oldest);
    }
    return true;
  }

  /** Text in which every known secret is replaced by `[secret]`. */
  redact(text: string): string {
    const scanner = this.#current()?.text;
    const shown = scanner === undefined ? text : replaced(text, scanner);
    return this.#options.hidesTokens?.() === true ? hideTokens(shown, replacement) : shown;
  }

  /** Bytes that have to be seen beside a stretch of output, so that no secret is overlooked that it cuts in two; 0 where none is known. */
  get marginBytes(): number {
    return Math.max(0, (this.#current()?.bytes.longest ?? 0) - 1);
  }

  /** How many bytes at the beginning of `bytes` are the rest of a secret that begins in `before`, the bytes in front of them. */
  restOfSecret(before: Uint8Array, bytes: Uint8Array): number {
    const scanner = this.#current()?.bytes;
    if (scanner === undefined || before.length === 0) return 0;
    const margin = this.marginBytes;
    const front = latin1(before.subarray(Math.max(0, before.length - margin)));
    const both = front + latin1(bytes.subarray(0, margin));
    for (let found = scanner.find(both, 0); found !== undefined; found = scanner.find(both, found.end)) {
      if (found.start >= front.length) return 0;
      if (found.end > front.length) return found.end - front.length;
    }
    return 0;
  }

  /** How many bytes at the end of `bytes` may be the beginning of a secret whose rest has not come yet. */
  beginningOfSecret(bytes: Uint8Array): number {
    const scanner = this.#current()?.bytes;
    if (scanner === undefined) return 0;
    const end = latin1(bytes.subarray(Math.max(0, bytes.length - this.marginBytes)));
    return end.length - scanner.unfinished(end, shortestBeginning);
  }

  #current(): { readonly text: TextScanner; readonly bytes: TextScanner } | undefined {
    if (monotonicMs() >= this.#staleMs) this.#compile();
    return this.#scanners;
  }

  #compile(): void {
    const now = monotonicMs();
    for (const [secret, { untilMs }] of this.#known) if (untilMs <= now) this.#known.delete(secret);
    const all = [...this.#known.values()];
    this.#staleMs = Math.min(...all.map((one) => one.untilMs));
    const forms = [...new Set(all.flatMap((one) => one.forms))];
    const bytes = forms.map((form) => latin1(Buffer.from(form)));
    this.#scanners = forms.length === 0 ? undefined : { text: new TextScanner(forms), bytes: new TextScanner(bytes) };
  }
}

function replaced(text: string, scanner: TextScanner): string {
  const parts: string[] = [];
  let at = 0;
  let found: Span | undefined = scanner.find(text, 0);
  for (; found !== undefined; found = scanner.find(text, at)) {
    parts.push(text.slice(at, found.start), replacement);
    at = found.end;
  }
  return at === 0 ? text : parts.join("") + text.slice(at);
}

/** Each byte as one unit of text. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

import { monotonicMs } from "../base/index.ts";

/** What stands in place of a secret. */
const replacement = "[secret]";

/** Shorter ones are words of everyday output, which would be mangled: not replaced. */
const shortestSecret = 6;

/** Encoded forms are cut at both ends, where they depend on what stands beside the secret. */
const shortestForm = 6;

/** A person types a handful a day; beyond this the oldest is forgotten. */
const mostSecrets = 100;

/** Codes of second factors are digits, and worth nothing after a minute; numbers like them are everywhere in output. */
const oneTimeCode = /^\d{6,10}$/;
const codeLifeMs = 300_000;

interface Known {
  readonly forms: readonly string[];
  readonly untilMs: number;
}

/** Replaces the secrets it was told in text that leaves the server: as they are and as tools commonly encode them. */
export class Redactor {
  readonly #known = new Map<string, Known>();
  #pattern: RegExp | undefined;
  #staleMs = Number.POSITIVE_INFINITY;

  /** From now on `secret` does not leave. False when it is too short to be told from other text. */
  learn(secret: string): boolean {
    if (secret.length < shortestSecret) return false;
    this.#known.delete(secret);
    const untilMs = oneTimeCode.test(secret) ? monotonicMs() + codeLifeMs : Number.POSITIVE_INFINITY;
    this.#known.set(secret, { forms: formsOf(secret), untilMs });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostSecrets) break;
      this.#known.delete(oldest);
    }
    this.#compile();
    return true;
  }

  redact(text: string): string {
    if (monotonicMs() >= this.#staleMs) this.#compile();
    return this.#pattern === undefined ? text : text.replaceAll(this.#pattern, replacement);
  }

  #compile(): void {
    const now = monotonicMs();
    for (const [secret, { untilMs }] of this.#known) if (untilMs <= now) this.#known.delete(secret);
    const all = [...this.#known.values()];
    this.#staleMs = Math.min(...all.map((one) => one.untilMs));
    // The longest first: a form may be part of another.
    const forms = [...new Set(all.flatMap((one) => one.forms))].toSorted((one, other) => other.length - one.length);
    this.#pattern = forms.length === 0 ? undefined : new RegExp(forms.map(literal).join("|"), "g");
  }
}

function formsOf(secret: string): readonly string[] {
  const url = encodeURIComponent(Buffer.from(secret).toString());
  const hex = Buffer.from(secret).toString("hex");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", String.raw`'\''`),
    url,
    url.replaceAll("%20", "+"),
    hex,
    hex.toUpperCase(),
    ...base64Forms(Buffer.from(secret)),
  ].filter((form) => form.length >= shortestForm);
}

/** Base64 encodes three bytes at a time, so a secret looks different at each of three places; only characters that depend on it alone count. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const form = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function literal(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

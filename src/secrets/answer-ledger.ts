import { monotonicMs } from "../base/index.ts";
import { purposeOf, type Secret, type SecretBinding } from "./secret.ts";

/** Askers that are remembered; one more than this at a time is nothing a person does. */
const mostAskers = 500;

/** Values that were wrong, for each purpose. */
const mostRejected = 8;

/** So long a stored value that was wrong is not given again: servers lock accounts after a few. */
const rejectedMs = 900_000;

interface Given {
  readonly binding: SecretBinding;
  secret: Secret | undefined;
  wrong: number;
  /** Said of it when the asker is told to have been right. */
  whenRight: (() => void) | undefined;
}

interface Rejected {
  readonly secret: Secret;
  readonly untilMs: number;
}

/** Who was given which secret, and which turned out wrong. */
export class AnswerLedger {
  readonly #askers = new Map<string, Map<string, Given>>();
  readonly #rejected = new Map<string, readonly Rejected[]>();

  /** How often this asker was given a wrong one for that purpose. */
  wrongAnswers(askerKey: string, binding: SecretBinding): number {
    return this.#askers.get(askerKey)?.get(purposeOf(binding))?.wrong ?? 0;
  }

  gave(askerKey: string, binding: SecretBinding, secret: Secret, whenRight?: () => void): void {
    const entries = this.#askers.get(askerKey) ?? new Map<string, Given>();
    const wrong = entries.get(purposeOf(binding))?.wrong ?? 0;
    entries.set(purposeOf(binding), { binding, secret, wrong, whenRight });
    this.#askers.delete(askerKey);
    this.#askers.set(askerKey, entries);
    for (const oldest of this.#askers.keys()) {
      if (this.#askers.size <= mostAskers) return;
      this.#askers.delete(oldest);
    }
  }

  /** All that this asker has, or what it has for one purpose, was wrong: gives those. */
  reject(
    askerKey: string,
    only?: SecretBinding,
  ): readonly { readonly binding: SecretBinding; readonly secret: Secret }[] {
    const entries = [...(this.#askers.get(askerKey)?.values() ?? [])];
    return entries.flatMap((given) => {
      const { binding, secret } = given;
      if (secret === undefined || (only !== undefined && purposeOf(only) !== purposeOf(binding))) return [];
      given.wrong += 1;
      given.secret = undefined;
      given.whenRight = undefined;
      this.#remember(binding, secret);
      return [{ binding, secret }];
    });
  }

  /** All that this asker has was right; it will not ask again. */
  accept(askerKey: string): void {
    for (const { whenRight } of this.#askers.get(askerKey)?.values() ?? []) whenRight?.();
    this.#askers.delete(askerKey);
  }

  /** Nothing is known of what this asker had, and it will not ask again. */
  leave(askerKey: string): void {
    this.#askers.delete(askerKey);
  }

  /** Whether this asker was given something for another purpose: then it asks for more than one thing. */
  hasOther(askerKey: string, binding: SecretBinding): boolean {
    return [...(this.#askers.get(askerKey)?.keys() ?? [])].some((purpose) => purpose !== purposeOf(binding));
  }

  /** Whether another asker is trying an answer for that purpose, which is remembered if it is right. */
  isBeingTried(askerKey: string, binding: SecretBinding): boolean {
    const purpose = purposeOf(binding);
    return [...this.#askers].some(([key, given]) => key !== askerKey && given.get(purpose)?.whenRight !== undefined);
  }

  /** Whether this value was wrong a while ago. */
  isRejected(binding: SecretBinding, secret: Secret): boolean {
    return this.#rejectedNow(purposeOf(binding)).some((one) => one.secret.equals(secret));
  }

  /** It may be used again. */
  pardon(binding: SecretBinding, secret: Secret): void {
    const purpose = purposeOf(binding);
    const others = this.#rejectedNow(purpose).filter((one) => !one.secret.equals(secret));
    if (others.length === 0) this.#rejected.delete(purpose);
    else this.#rejected.set(purpose, others);
  }

  clear(): void {
    this.#askers.clear();
    this.#rejected.clear();
  }

  #remember(binding: SecretBinding, secret: Secret): void {
    const purpose = purposeOf(binding);
    const list = this.#rejectedNow(purpose).filter((one) => !one.secret.equals(secret));
    // Last in the order of forgetting.
    this.#rejected.delete(purpose);
    this.#rejected.set(purpose, [...list, { secret, untilMs: monotonicMs() + rejectedMs }].slice(-mostRejected));
    for (const oldest of this.#rejected.keys()) {
      if (this.#rejected.size <= mostAskers) return;
      this.#rejected.delete(oldest);
    }
  }

  #rejectedNow(purpose: string): readonly Rejected[] {
    return (this.#rejected.get(purpose) ?? []).filter(({ untilMs }) => untilMs > monotonicMs());
  }
}

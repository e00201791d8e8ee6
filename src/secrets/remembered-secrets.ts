import { after } from "../base/index.ts";
import { purposeOf, type Secret, type SecretBinding } from "./secret.ts";

/** Far more than a person types in the time they are kept; the oldest are forgotten first. */
const mostRemembered = 200;

interface Remembered {
  readonly secret: Secret;
  readonly binding: SecretBinding;
  /** Stops the clock; undefined where none runs. */
  readonly stop: (() => void) | undefined;
}

/** Secrets that people have typed, each for a limited time. In memory only. */
export class RememberedSecrets {
  readonly #entries = new Map<string, Remembered>();

  get(binding: SecretBinding): Secret | undefined {
    return this.#entries.get(purposeOf(binding))?.secret;
  }

  /** Keeps it for `forMs` from now (without end for infinity), in place of what was known for that purpose. */
  put(binding: SecretBinding, secret: Secret, forMs: number): void {
    const purpose = purposeOf(binding);
    this.#drop(purpose);
    if (forMs <= 0) return;
    const stop = Number.isFinite(forMs) ? after(forMs, () => this.#drop(purpose)) : undefined;
    this.#entries.set(purpose, { secret, binding, stop });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostRemembered) return;
      this.#drop(oldest);
    }
  }

  /** Forgets exactly this value: what has been typed since stays. */
  drop(binding: SecretBinding, secret: Secret): void {
    if (this.get(binding)?.equals(secret) === true) this.#drop(purposeOf(binding));
  }

  /** Forgets what is kept without end for these accounts, `user@host:port` each. Passphrases are for none. */
  dropAccounts(accounts: readonly string[]): void {
    for (const [purpose, { binding, stop }] of this.#entries) {
      const account = `${binding.user}@${binding.host}`;
      const isOf = accounts.includes(account) || accounts.includes(`${account}:22`);
      if (isOf && stop === undefined && binding.kind !== "passphrase") this.#drop(purpose);
    }
  }

  clear(): void {
    for (const purpose of this.#entries.keys()) this.#drop(purpose);
  }

  #drop(purpose: string): void {
    this.#entries.get(purpose)?.stop?.();
    this.#entries.delete(purpose);
  }
}

import { timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";
import { HoldfastError } from "../base/index.ts";

/** What a secret opens. */
export type SecretKind =
  | "login"
  | "passphrase"
  | "sudo"
  | "enable"
  | "console"
  | "ssh"
  | "git"
  | "gpg"
  | "su"
  | "doas"
  | "passwd"
  | "other";

/** What a secret is for; it is good for nothing else. */
export interface SecretBinding {
  readonly kind: SecretKind;
  readonly user: string;
  /** The real host, with the port where it is not 22; never a name that a caller made up. */
  readonly host: string;
  /** Which of several of that kind: the path of a key file, what a server asked for. */
  readonly what?: string | undefined;
}

/** The same text for the same purpose. A key file's passphrase is the same wherever one logs in with it. */
export function purposeOf({ kind, user, host, what = "" }: SecretBinding): string {
  return JSON.stringify(kind === "passphrase" ? [kind, what] : [kind, user, host, what]);
}

/** What is shown wherever a secret would be printed. */
const shown = "[secret]";

/** A value that prints as `[secret]`, is in memory only, and is given out only for what it was meant for. */
export class Secret {
  readonly #value: string;
  readonly #purpose: string;

  constructor(value: string, binding: SecretBinding) {
    this.#value = value;
    this.#purpose = purposeOf(binding);
  }

  /** The value itself, for whoever names what it is for. Throws `internal` where it is for something else. */
  reveal(binding: SecretBinding): string {
    if (purposeOf(binding) === this.#purpose) return this.#value;
    throw new HoldfastError("internal", `a secret was asked for by ${binding.kind}, and it is for something else`);
  }

  /** Whether both are the same value for the same purpose. */
  equals(other: Secret): boolean {
    const [mine, theirs] = [Buffer.from(this.#value), Buffer.from(other.#value)];
    return this.#purpose === other.#purpose && mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

import { oneLine } from "../base/index.ts";
import type { Credentials, KeyOffer } from "./credentials.ts";
import type { SealedKey } from "./sealed-key.ts";

/** One attempt to log in. `keyboard`: the server asks, and the known password and people answer. */
export type LoginAttempt =
  | { readonly kind: "key"; readonly offer: KeyOffer }
  /** A person has to open the file first; `opened` is told what was in it. */
  | { readonly kind: "sealed"; readonly key: SealedKey }
  /** Without a password a person is asked for it. */
  | { readonly kind: "password"; readonly password: string | undefined }
  | { readonly kind: "keyboard" }
  | { readonly kind: "none" };

interface AuthOrderParts {
  readonly credentials: Credentials;
  /** Somebody can be asked what the server wants to know. */
  readonly people?: boolean;
  /** Methods to use, in this order; others are not used. */
  readonly preferred?: readonly string[] | undefined;
}

/** Methods that a server may name, and how long their names may be; it may send anything. */
const shownMethods = 12;
const shownMethodLength = 40;

/** Decides what to try next in one login. Each credential is offered once; what was refused is not sent a second time. */
export class AuthOrder {
  readonly #keys: KeyOffer[];
  readonly #sealed: SealedKey[];
  readonly #offered = new Set<string>();
  readonly #methods: readonly string[];
  readonly #wantedPeople: boolean;
  #people: boolean;
  #password: string | undefined;
  /** A person may be asked for the password: none was known, and none that a person typed was refused. */
  #mayAsk: boolean;
  #personAnswered = false;
  #keyboardLeft = true;
  #last: LoginAttempt["kind"] | undefined;
  #probed = false;
  readonly #tried: string[] = [];
  #accepted: readonly string[] | undefined;

  constructor({ credentials, people = false, preferred }: AuthOrderParts) {
    this.#keys = [...credentials.keys];
    this.#sealed = [...credentials.sealed];
    this.#password = credentials.password;
    this.#wantedPeople = people;
    this.#people = people;
    this.#mayAsk = credentials.password === undefined;
    // A person can answer more than a password; where nobody is, the password alone is one round trip shorter.
    const usual = people
      ? ["publickey", "keyboard-interactive", "password"]
      : ["publickey", "password", "keyboard-interactive"];
    this.#methods = preferred ?? usual;
  }

  /** The key that comes first, if nothing has to be known of the server to sign with it. */
  get firstKey(): KeyOffer | undefined {
    const [key] = this.#keys;
    const isReady = key?.identity.signer.kind === "file" && !key.identity.type.startsWith("ssh-rsa");
    return isReady && this.#methods[0] === "publickey" ? key : undefined;
  }

  /** What was offered, in order, as messages name it. */
  get tried(): readonly string[] {
    return this.#tried;
  }

  /** The server has not turned anything down. */
  get neverRefused(): boolean {
    return this.#accepted === undefined;
  }

  /** What the server said it would take, when it last refused. */
  get accepted(): readonly string[] {
    return this.#accepted ?? [];
  }

  /** The password that is known, while it has not been sent: it can answer a prompt once. */
  takePassword(): string | undefined {
    const password = this.#password;
    this.#password = undefined;
    return password;
  }

  /** The server refused the last attempt, or accepted it as one of several (`partial`), and would now take `methods`. */
  refused(methods: readonly string[], partial: boolean): void {
    this.#accepted = methods.slice(0, shownMethods).map((method) => oneLine(method, shownMethodLength));
    const at = this.#tried.length - 1;
    if (partial && at >= 0) this.#tried[at] = `${this.#tried[at]} (accepted, but not enough)`;
    // A password that was refused is wrong. Only where the server takes none in this way may it go another one.
    if (this.#last === "password" && (partial || methods.includes("password"))) this.#password = undefined;
    // Questions may be asked again only as a further step of the same login.
    if (this.#last === "keyboard") {
      this.#keyboardLeft = partial;
      // What a person has typed may have been the password: a second try would count against the account.
      if (this.#personAnswered && !partial) this.#mayAsk = false;
    }
    this.#last = undefined;
  }

  /** A person has opened the file that `next` wanted: what was in it comes next, unless it was offered already. */
  opened(offers: readonly KeyOffer[]): void {
    const left = offers.filter(({ identity }) => !this.#offered.has(identity.blob.toString("base64")));
    if (left.length === 0) this.couldNotTry("offered already, or not to be used");
    else this.#tried.pop();
    this.#keys.unshift(...left);
  }

  /** A person has typed the password that `next` wanted; once, as if it had been known. */
  typed(password: string): void {
    this.#password = password;
  }

  /** A person has answered what the server asked. */
  personAnswered(): void {
    this.#personAnswered = true;
  }

  /** A person was to be asked, and nobody is there: no other question makes sense in this login. */
  nobodyThere(): void {
    this.#people = false;
  }

  /** Nobody was there when a person was to be asked. */
  get missedPerson(): boolean {
    return this.#wantedPeople && !this.#people;
  }

  /** The identity that was offered last could not sign, or there was no password to offer. */
  couldNotTry(why: string): void {
    const at = this.#tried.length - 1;
    if (at >= 0) this.#tried[at] = `${this.#tried[at]} (${oneLine(why, 100)})`;
  }

  /** The next attempt, or undefined when nothing is left. */
  next(): LoginAttempt | undefined {
    for (const method of this.#methods) {
      const attempt = this.#takes(method) ? this.#attempt(method) : undefined;
      if (attempt !== undefined) {
        this.#last = attempt.kind;
        return attempt;
      }
    }
    return this.#probe();
  }

  /** Before its first refusal a server has not said what it takes. */
  #takes(method: string): boolean {
    return this.#accepted === undefined || this.#accepted.includes(method);
  }

  #attempt(method: string): LoginAttempt | undefined {
    if (method === "publickey") return this.#key();
    if (method === "password") return this.#passwordAttempt();
    return method === "keyboard-interactive" ? this.#keyboard() : undefined;
  }

  #key(): LoginAttempt | undefined {
    const offer = this.#keys.shift();
    if (offer === undefined) return this.#sealedKey();
    this.#tried.push(offer.label);
    this.#offered.add(offer.identity.blob.toString("base64"));
    return { kind: "key", offer };
  }

  /** As with questions: a person's time is worth a round trip. */
  #sealedKey(): LoginAttempt | undefined {
    const key = this.#people && this.#accepted !== undefined ? this.#sealed.shift() : undefined;
    if (key === undefined) return undefined;
    this.#tried.push(key.path);
    return { kind: "sealed", key };
  }

  #passwordAttempt(): LoginAttempt | undefined {
    const password = this.#password;
    const askable = this.#people && this.#mayAsk && this.#accepted !== undefined;
    if (password === undefined && !askable) return undefined;
    if (password === undefined) this.#mayAsk = false;
    this.#tried.push("password");
    return { kind: "password", password };
  }

  /** Nobody is asked by a server that was never told a thing: it may take none of that, and a person's time is worth a round trip. */
  #keyboard(): LoginAttempt | undefined {
    const someone = this.#password !== undefined || (this.#people && this.#accepted !== undefined);
    if (!this.#keyboardLeft || !someone) return undefined;
    this.#tried.push("keyboard-interactive");
    return { kind: "keyboard" };
  }

  /** With nothing to offer, the server is asked once what it would take: it may even let us in. */
  #probe(): LoginAttempt | undefined {
    if (this.#probed || this.#tried.length > 0) return undefined;
    this.#probed = true;
    this.#last = "none";
    return { kind: "none" };
  }
}

import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { Credentials } from "./credentials.ts";

/** Decides what to try next in one login. Each credential is offered once; a refused password is never sent a second time. */
export class AuthOrder {
  readonly #user: string;
  readonly #keys: Credentials["keys"][number][];
  #password: string | undefined;
  #lastWasPassword = false;
  #probed = false;
  readonly #tried: string[] = [];
  #accepted: readonly string[] | undefined;

  constructor(user: string, credentials: Credentials) {
    this.#user = user;
    this.#keys = [...credentials.keys];
    this.#password = credentials.password;
  }

  /** The key that comes first, if it is one from a file with a signature algorithm of its own (RSA has several). */
  get firstKey(): ParsedKey | undefined {
    const key = this.#keys[0]?.privateKey;
    return key?.type === "ssh-rsa" ? undefined : key;
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

  /** The server refused the last attempt, or accepted it as one of several (`partial`), and would now take `methods`. */
  refused(methods: readonly string[], partial: boolean): void {
    this.#accepted = methods;
    // Refused although the server takes passwords: it was wrong. Only where it takes none may it go another way.
    if (this.#lastWasPassword && (methods.includes("password") || partial)) this.#password = undefined;
    this.#lastWasPassword = false;
  }

  /** The next attempt, or undefined when nothing is left. */
  next(): AnyAuthMethod | undefined {
    const key = this.#takes("publickey") ? this.#keys.shift() : undefined;
    if (key !== undefined) {
      this.#tried.push(key.label);
      return key.method;
    }
    return this.#passwordAttempt() ?? this.#probe();
  }

  /** Before its first refusal a server has not said what it takes. */
  #takes(method: string): boolean {
    return this.#accepted === undefined || this.#accepted.includes(method);
  }

  #passwordAttempt(): AnyAuthMethod | undefined {
    const password = this.#password;
    if (password === undefined) return undefined;
    if (this.#takes("password")) {
      if (this.#lastWasPassword) return undefined;
      this.#lastWasPassword = true;
      this.#tried.push("password");
      return { type: "password", username: this.#user, password };
    }
    if (!this.#takes("keyboard-interactive")) return undefined;
    this.#password = undefined;
    this.#tried.push("password (keyboard-interactive)");
    return this.#keyboard(password);
  }

  /** The known password goes to one hidden prompt, once; to anything else nothing is answered. */
  #keyboard(password: string): AnyAuthMethod {
    let given = false;
    return {
      type: "keyboard-interactive",
      username: this.#user,
      // oxlint-disable-next-line max-params -- ssh2's own signature
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const [prompt] = prompts;
        const mayAnswer = !given && prompts.length === 1 && prompt?.echo !== true;
        if (mayAnswer) given = true;
        finish(prompts.map(() => (mayAnswer ? password : "")));
      },
    };
  }

  /** With nothing to offer, the server is asked once what it would take: it may even let us in. */
  #probe(): AnyAuthMethod | undefined {
    if (this.#probed || this.#tried.length > 0) return undefined;
    this.#probed = true;
    return { type: "none", username: this.#user };
  }
}

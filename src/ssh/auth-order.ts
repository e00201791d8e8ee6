import type { AnyAuthMethod } from "ssh2";
import type { Credentials } from "./credentials.ts";

/** Decides what to try next in one login. Each credential is offered once; a refused password is never sent a second time. */
export class AuthOrder {
  readonly #user: string;
  readonly #keys: Credentials["keys"][number][];
  #password: string | undefined;
  #lastWasPassword = false;
  #probed = false;
  readonly #tried: string[] = [];
  #accepted: readonly string[] = [];

  constructor(user: string, credentials: Credentials) {
    this.#user = user;
    this.#keys = [...credentials.keys];
    this.#password = credentials.password;
  }

  /** What was offered, in order, as messages name it. */
  get tried(): readonly string[] {
    return this.#tried;
  }

  /** What the server said it would take, when it last refused. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  /** The next attempt, or undefined when nothing is left. `methods` is what the server would take; null before the first attempt. */
  next(methods: readonly string[] | null, partial: boolean): AnyAuthMethod | undefined {
    if (methods !== null) this.#accepted = methods;
    const takes = (method: string): boolean => methods === null || methods.includes(method);
    // Refused although the server takes passwords: it was wrong. Only where it takes none may it go another way.
    if (this.#lastWasPassword && (takes("password") || partial)) this.#password = undefined;
    this.#lastWasPassword = false;
    const key = takes("publickey") ? this.#keys.shift() : undefined;
    if (key !== undefined) {
      this.#tried.push(key.label);
      return key.method;
    }
    return this.#passwordAttempt(methods, takes) ?? this.#probe(methods);
  }

  #passwordAttempt(methods: readonly string[] | null, takes: (method: string) => boolean): AnyAuthMethod | undefined {
    const password = this.#password;
    if (password === undefined) return undefined;
    if (takes("password")) {
      this.#lastWasPassword = true;
      this.#tried.push("password");
      return { type: "password", username: this.#user, password };
    }
    if (methods?.includes("keyboard-interactive") !== true) return undefined;
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
  #probe(methods: readonly string[] | null): AnyAuthMethod | undefined {
    if (methods !== null || this.#probed || this.#tried.length > 0) return undefined;
    this.#probed = true;
    return { type: "none", username: this.#user };
  }
}

import type { Answer, ApprovalDesk } from "../approvals/index.ts";
import { messageOf, monotonicMs, Pulse, randomHex } from "../base/index.ts";
import type { Config, SecretName } from "../config/index.ts";
import { AnswerLedger } from "./answer-ledger.ts";
import { keyringAccount, openKeyring } from "./keyring.ts";
import { RememberedSecrets } from "./remembered-secrets.ts";
import { purposeOf, Secret, type SecretBinding, type SecretKind } from "./secret.ts";
import type { SecretAnswer, SecretQuestion } from "./secret-question.ts";
import { questionText, refusalOf } from "./secret-words.ts";

interface BrokerParts {
  readonly desk: Pick<ApprovalDesk, "ask">;
  readonly config: Pick<Config, "rules" | "secretOf">;
  /** Default: the keyring of whoever runs this. */
  readonly openKeyring?: typeof openKeyring;
  /** Told each value that comes from a keyring, before whoever asked has it. */
  readonly onSecret?: (value: string) => void;
}

/** Servers lock accounts after three failures or so, and sudo gives up after three. */
const mostWrong = 2;

/** A login that has its password is over within this time, or it is no use to wait for it. */
const longestTryMs = 30_000;

const settingNames: Readonly<Partial<Record<SecretKind, SecretName>>> = {
  login: "password",
  passphrase: "passphrase",
  sudo: "sudoPassword",
  enable: "enablePassword",
};

/**
 * The one place that asks for secrets: what a person typed a while ago, what the settings say (a call's argument first), what
 * their commands print, what the keyring has, and a person at last. One that turned out wrong is forgotten, and after two nothing more is given.
 */
export class SecretBroker {
  readonly #parts: BrokerParts;
  readonly #remembered = new RememberedSecrets();
  readonly #ledger = new AnswerLedger();
  /** Fires when it is known of an asker whether its answer was right. */
  readonly #settled = new Pulse();

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  /** Never rejects but with `config_invalid`, when the settings cannot be read. Equal questions that are open at the same time are one. */
  async ask(question: SecretQuestion): Promise<SecretAnswer> {
    const { askerKey, signal } = question;
    const binding = bindingOf(question);
    this.#reject(askerKey, binding);
    const wrong = this.#ledger.wrongAnswers(askerKey, binding);
    if (wrong >= mostWrong) return refusalOf(question, "wrong");
    if (signal?.aborted === true) return refusalOf(question, "cancelled");
    await this.#othersTried(question, binding);
    const stored =
      question.verified === false || question.once === true ? nothing : await this.#stored(question, binding);
    if (stored.secret === undefined) return this.#askPerson(question, binding, stored.complaints);
    this.#ledger.gave(askerKey, binding, stored.secret);
    return { secret: stored.secret };
  }

  /** What this asker was given was wrong: it is forgotten, and stored values like it are not used for a while. */
  wrong(askerKey: string): void {
    this.#reject(askerKey);
    this.#settled.fire();
  }

  /** What this asker was given was right, and it will not ask again. */
  right(askerKey: string): void {
    this.#ledger.accept(askerKey);
    this.#settled.fire();
  }

  /** This asker is gone, and it is not known whether it was given the right one. */
  gone(askerKey: string): void {
    this.#ledger.leave(askerKey);
    this.#settled.fire();
  }

  /** The last session of an account of these names (`user@host:port`) has ended: what is remembered for that long is forgotten. */
  forget(accounts: readonly string[]): void {
    this.#remembered.dropAccounts(accounts);
  }

  /** Forgets everything. */
  close(): void {
    this.#remembered.clear();
    this.#ledger.clear();
  }

  #reject(askerKey: string, only?: SecretBinding): void {
    for (const { binding, secret } of this.#ledger.reject(askerKey, only)) this.#remembered.drop(binding, secret);
  }

  /** Waits while another asker tries what a person has just typed: it may be good for this one, too. */
  async #othersTried({ askerKey, signal }: SecretQuestion, binding: SecretBinding): Promise<void> {
    const untilMs = monotonicMs() + longestTryMs;
    while (this.#ledger.isBeingTried(askerKey, binding) && monotonicMs() < untilMs && signal?.aborted !== true) {
      await this.#settled.wait(untilMs - monotonicMs(), signal);
    }
  }

  async #stored(question: SecretQuestion, binding: SecretBinding): Promise<Stored> {
    const usable = (secret: Secret | undefined): Secret | undefined =>
      secret === undefined || this.#ledger.isRejected(binding, secret) ? undefined : secret;
    const remembered = usable(this.#remembered.get(binding));
    // The password that is set answers one prompt; what else the same asker wants to know is something else, a code perhaps.
    const name = this.#ledger.hasOther(question.askerKey, binding) ? undefined : settingNames[question.kind];
    if (remembered !== undefined || name === undefined) return { secret: remembered, complaints: [] };
    const complaints: string[] = [];
    for (const source of [() => this.#parts.config.secretOf(question.target, name), () => this.#kept(binding)]) {
      try {
        const value = await source();
        const secret = usable(value === undefined ? undefined : new Secret(value, binding));
        if (secret !== undefined) return { secret, complaints };
      } catch (thrown) {
        complaints.push(messageOf(thrown));
      }
    }
    return { secret: undefined, complaints };
  }

  /** What the keyring has for it, where the settings say that it is to be asked. */
  async #kept(binding: SecretBinding): Promise<string | undefined> {
    const { keyring } = await this.#parts.config.rules();
    if (keyring === false) return undefined;
    const opened = (this.#parts.openKeyring ?? openKeyring)(keyring);
    const value = await opened.read(keyringAccount(binding));
    if (value !== undefined) this.#parts.onSecret?.(value);
    return value;
  }

  async #askPerson(
    question: SecretQuestion,
    binding: SecretBinding,
    complaints: readonly string[],
  ): Promise<SecretAnswer> {
    const { askerKey, signal, dialog, verified = true, once = false } = question;
    const { rememberSecretsMs } = await this.#parts.config.rules();
    const rememberMs = verified && !once ? rememberSecretsMs : 0;
    const again = this.#ledger.wrongAnswers(askerKey, binding) > 0;
    const answer = await this.#parts.desk.ask(
      {
        ...questionText(question, again, complaints),
        // An answer that is not remembered is for one asker alone.
        key: rememberMs > 0 ? purposeOf(binding) : randomHex(16),
        refusalKey: purposeOf(binding),
      },
      { signal, dialog },
    );
    const typed = typedIn(answer, question.kind);
    if (typed !== undefined) {
      return { secret: this.#typed(question, new Secret(typed, binding), { binding, again, rememberMs }) };
    }
    if (signal?.aborted === true) return refusalOf(question, "cancelled");
    const isNo = answer.kind === "refused" || answer.kind === "answered";
    return refusalOf(question, isNo ? "no" : "nobody", complaints);
  }

  #typed({ askerKey, kind, tentative = false }: SecretQuestion, secret: Secret, typed: Typed): Secret {
    const { binding, again, rememberMs } = typed;
    // A person who types it again knows something new.
    this.#ledger.pardon(binding, secret);
    const remember = (): void => this.#remembered.put(binding, secret, rememberMs);
    if (!tentative) remember();
    // A server that asked twice in one login may have wanted two different ones, in the same words.
    const isClear = kind !== "login" || !again;
    this.#ledger.gave(askerKey, binding, secret, tentative && isClear ? remember : undefined);
    return secret;
  }
}

/** What a person typed; sudo would count an empty line as a failure, so that is a no. */
function typedIn(answer: Answer, kind: SecretKind): string | undefined {
  if (answer.kind !== "answered") return undefined;
  const [typed = ""] = answer.values;
  return typed === "" && kind !== "login" ? undefined : typed;
}

interface Typed {
  readonly binding: SecretBinding;
  readonly again: boolean;
  readonly rememberMs: number;
}

interface Stored {
  readonly secret: Secret | undefined;
  /** What went wrong on the way. */
  readonly complaints: readonly string[];
}

const nothing: Stored = { secret: undefined, complaints: [] };

function bindingOf({ kind, user, host, what }: SecretQuestion): SecretBinding {
  return { kind, user, host, what };
}

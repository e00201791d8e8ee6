import { HoldfastError, delay, messageOf, randomHex } from "../../base/index.ts";
import { openLentKey, serveLentKey, type KeyPlace, type LentKey, type SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import { AnswerChannel } from "./answer-channel.ts";
import type { AskingParty } from "./asking-party.ts";
import { readKeySudo, type KeySudo } from "./judge-sudo.ts";
import { signOnce } from "./sign-once.ts";

/** Runs of sudo that are let in at the same time; what asks more is asked for a password. */
const mostAsking = 16;

/** sudo authenticates at once; what has a ticket does not. */
const lentMs = 30_000;

/** pam_ssh_agent_auth connects once. */
const mostStreams = 2;

export interface KeyAskDeps {
  /** The key that the settings name for sudo, as they say now. Rejects when they cannot be read. */
  key(): Promise<KeyPlace | undefined>;
  connect(): Promise<SshConnection>;
  /** The session's directory on its host. */
  directory(): string;
  commands(): CommandBook;
  /** What runs as another user beside the session's shell, by the process that is sudo. */
  elevated(pid: number): AskingParty | undefined;
}

/**
 * Runs of sudo that may be let in by a key (pam_ssh_agent_auth). Each gets an agent of its own: a socket in the session's directory, with that key
 * alone, that signs once, for that sudo and its command line, and goes then.
 */
export class KeyAsks {
  readonly #deps: KeyAskDeps;
  readonly #channel: AnswerChannel;
  readonly #asking = new Set<number>();
  readonly #over = new AbortController();

  constructor(deps: KeyAskDeps) {
    this.#deps = deps;
    this.#channel = new AnswerChannel(
      () => deps.connect(),
      () => deps.directory(),
    );
  }

  /** `key <pid>`: from the host, and possibly from anybody who runs there. */
  line(words: readonly string[]): void {
    const [verb, id = ""] = words;
    if (verb !== "key" || !/^\d{1,10}$/.test(id) || this.#over.signal.aborted) return;
    const pid = Number(id);
    if (this.#asking.has(pid) || this.#asking.size >= mostAsking) return;
    this.#asking.add(pid);
    const forget = (): void => void this.#asking.delete(pid);
    // One that nobody answers goes on without.
    this.#serve(pid).then(forget, forget);
  }

  close(): void {
    this.#over.abort();
    this.#channel.close();
  }

  async #serve(pid: number): Promise<void> {
    const sudo = readKeySudo(await this.#channel.key(pid));
    if (sudo === undefined) return;
    try {
      const place = await this.#deps.key();
      if (place === undefined) throw new Error("the settings name no key for it any more (sudo_key)");
      await this.#lend(pid, sudo, await openLentKey(place));
    } catch (error) {
      const hint = error instanceof HoldfastError && error.hint !== undefined ? ` · ${error.hint}` : "";
      this.#noteTo(pid, sudo)?.note(`sudo got no signature: ${messageOf(error)}${hint}`);
      await this.#channel.lend(pid, "-");
    }
  }

  async #lend(pid: number, sudo: KeySudo, key: LentKey): Promise<void> {
    const path = `${this.#deps.directory()}/sk.${randomHex(8)}`;
    const connection = await this.#deps.connect();
    const done = new AbortController();
    let streams = 0;
    const judge = signOnce({
      began: sudo.began,
      look: () => this.#channel.key(pid),
      tell: (fault) => {
        const said = fault === undefined ? `sudo by the key ${key.fingerprint}` : `sudo got no signature: ${fault}`;
        this.#noteTo(pid, sudo)?.note(said);
      },
    });
    const forward = await connection.forwardIn({ path }, (offer) => {
      if (done.signal.aborted || (streams += 1) > mostStreams) return offer.refuse();
      const stream = offer.accept();
      let signed = false;
      stream.once("close", () => {
        if (signed) done.abort();
      });
      serveLentKey(stream, key, async ({ words }) => {
        const may = await judge(words);
        signed ||= may;
        return may;
      });
    });
    try {
      await this.#channel.lend(pid, path);
      await delay(lentMs, AbortSignal.any([done.signal, this.#over.signal]));
    } finally {
      done.abort();
      await forward.close();
      await this.#channel.lend(0, path).catch(() => undefined);
    }
  }

  #noteTo(pid: number, { of }: KeySudo): Pick<AskingParty, "note"> | undefined {
    if (of === undefined) return this.#deps.elevated(pid);
    const commands = this.#deps.commands();
    return (of === "shell" ? commands.inFront()[0] : commands.get(of))?.life;
  }
}

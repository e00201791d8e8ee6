import { rmSync, writeFileSync } from "node:fs";
import type { AsksForSecrets, CommandView, RunRequest, SecretQuestion, SessionView } from "../../src/sessions/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { createLoginUser, startOpenSsh, type LoginShell, type LoginUser } from "../helpers/servers/index.ts";

/** How long a command may take on a busy machine; nothing here takes a second by itself. */
const limitMs = 30_000;

/** Somebody who remembers what they typed, as the product's broker does: a wrong answer is not given twice to the same asker. */
export class Person implements AsksForSecrets {
  /** Each time that somebody had to type. */
  readonly asked: SecretQuestion[] = [];
  /** Each time that sudo asked. */
  readonly questions: SecretQuestion[] = [];
  #remembered: Promise<string> | undefined;
  readonly #givenTo = new Set<string>();
  readonly #types: (question: SecretQuestion) => string | Promise<string>;
  readonly #remembers: boolean;

  constructor(types: (question: SecretQuestion) => string | Promise<string>, remembers = true) {
    this.#types = types;
    this.#remembers = remembers;
  }

  async ask(question: SecretQuestion): ReturnType<AsksForSecrets["ask"]> {
    this.questions.push(question);
    if (this.#givenTo.has(question.askerKey)) this.#remembered = undefined;
    this.#givenTo.add(question.askerKey);
    if (!this.#remembers || question.doubt !== undefined || this.#remembered === undefined) {
      this.asked.push(question);
      this.#remembered = Promise.resolve(this.#types(question));
    }
    const secret = await this.#remembered;
    return secret === "" ? { refused: "a person said no" } : { secret };
  }
}

export interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly notes: readonly string[];
}

/** A host with a user who has a password and rules of sudo. */
export class SudoPlace {
  readonly cleanup = new Cleanup();
  readonly user: LoginUser;
  readonly #alias: string;
  readonly #opened: OpenBook;
  #person: AsksForSecrets;

  private constructor(user: LoginUser, alias: string, opened: OpenBook, person: { current: AsksForSecrets }) {
    this.user = user;
    this.#alias = alias;
    this.#opened = opened;
    this.#person = person.current;
    this.meet = (next) => {
      person.current = next;
      this.#person = next;
    };
  }

  /** From now on this one is asked. */
  readonly meet: (person: AsksForSecrets) => void;

  /** `mounts`: see the server's options. */
  static async open(shell: LoginShell = "bash", mounts?: string): Promise<SudoPlace> {
    const user = await createLoginUser({ shell });
    const server = await startOpenSsh({ loginUser: user, ...(mounts === undefined ? {} : { mounts }) });
    const person: { current: AsksForSecrets } = { current: new Person(() => "") };
    const opened = await openBook(server.sshConfigFile, createMemoryStore(), undefined, {
      ask: (question, signal) => person.current.ask(question, signal),
    });
    const place = new SudoPlace(user, server.alias, opened, person);
    place.cleanup.add(() => {
      user.remove();
    });
    place.cleanup.add(() => server.stop());
    place.cleanup.add(() => opened.remove());
    place.cleanup.add(() => {
      rmSync(place.#rules, { force: true });
    });
    return place;
  }

  get #rules(): string {
    return `/etc/sudoers.d/${this.user.name}`;
  }

  get person(): AsksForSecrets {
    return this.#person;
  }

  /** What the user may do: lines of a sudoers file, `@` standing for the user. Tickets of before are void. */
  allow(...lines: readonly string[]): void {
    const text = lines.map((line) => `${line.replaceAll("@", this.user.name)}\n`).join("");
    writeFileSync(this.#rules, text, { mode: 0o440 });
    rmSync(`/run/sudo/ts/${this.user.name}`, { force: true });
    rmSync(`/run/sudo/ts/${this.user.uid}`, { force: true });
  }

  async session(name: string): Promise<SessionView> {
    const session = await this.#opened.book.open({ target: this.#alias, name });
    this.cleanup.add(() => this.#opened.book.close(name));
    return session;
  }
}

/** Runs to the end. */
export async function run(session: SessionView, request: RunRequest | string): Promise<Ended> {
  const command = await session.run(typeof request === "string" ? { command: request } : request);
  return ended(command);
}

async function ended(command: CommandView): Promise<Ended> {
  await command.ended(limitMs);
  const text = async (stream: "stdout" | "stderr", bytes: number): Promise<string> =>
    Buffer.from((await command.read(stream, 0, bytes)).bytes).toString();
  const { state } = command;
  return {
    status: state.kind === "exited" ? state.status : state.kind,
    stdout: await text("stdout", command.stdoutBytes),
    stderr: await text("stderr", command.stderrBytes),
    notes: command.notes,
  };
}

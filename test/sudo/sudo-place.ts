import { rmSync, writeFileSync } from "node:fs";
import type { SessionLimits } from "../../src/config/index.ts";
import type {
  AsksForSecrets,
  CommandView,
  RunRequest,
  SecretQuestion,
  SessionBook,
  SessionView,
} from "../../src/sessions/index.ts";
import { createToolHost } from "../../src/tools/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import {
  createLoginUser,
  startOpenSsh,
  type LoginShell,
  type LoginUser,
  type TestServer,
} from "../helpers/servers/index.ts";

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
  readonly #server: TestServer;
  readonly #closed = new Set<string>();
  readonly #store = createMemoryStore();
  #opened: OpenBook | undefined;
  #person: AsksForSecrets = new Person(() => "");

  private constructor(user: LoginUser, server: TestServer) {
    this.user = user;
    this.#server = server;
  }

  /** From now on this one is asked. */
  meet(person: AsksForSecrets): void {
    this.#person = person;
  }

  /** `mounts`: see the server's options. */
  static async open(shell: LoginShell = "bash", mounts?: string): Promise<SudoPlace> {
    return SudoPlace.on(
      (user) => startOpenSsh({ loginUser: user, ...(mounts === undefined ? {} : { mounts }) }),
      shell,
    );
  }

  /** The same on another server. */
  static async on(start: (user: LoginUser) => Promise<TestServer>, shell: LoginShell = "bash"): Promise<SudoPlace> {
    const user = await createLoginUser({ shell });
    const server = await start(user);
    const place = new SudoPlace(user, server);
    place.cleanup.add(() => {
      user.remove();
    });
    place.cleanup.add(() => server.stop());
    place.cleanup.add(() => place.#opened?.remove());
    place.cleanup.add(() => {
      rmSync(place.#rules, { force: true });
    });
    await place.restart();
    return place;
  }

  /** What knows of the host goes, but for its records; another of its kind comes, whose new sessions have these limits. */
  async restart(limits?: SessionLimits): Promise<void> {
    await this.#opened?.remove();
    this.#opened = await openBook(this.#server.sshConfigFile, this.#store, limits, {
      ask: (question, signal) => this.#person.ask(question, signal),
    });
  }

  /** Cuts every connection to the host. */
  cut(): void {
    this.#server.killConnections();
  }

  get #rules(): string {
    return `/etc/sudoers.d/${this.user.name}`;
  }

  /** What the user may do: lines of a sudoers file, `@` standing for the user. Tickets of before are void. */
  allow(...lines: readonly string[]): void {
    const text = lines.map((line) => `${line.replaceAll("@", this.user.name)}\n`).join("");
    writeFileSync(this.#rules, text, { mode: 0o440 });
    rmSync(`/run/sudo/ts/${this.user.name}`, { force: true });
    rmSync(`/run/sudo/ts/${this.user.uid}`, { force: true });
  }

  async session(name: string): Promise<SessionView> {
    const session = await this.#book.open({ target: this.#server.alias, name });
    this.cleanup.add(() => (this.#closed.has(name) ? undefined : this.#book.close(name)));
    return session;
  }

  /** It was closed, and is not to be opened again. */
  forget(name: string): void {
    this.#closed.add(name);
  }

  /** What an agent would be told. */
  async call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<string> {
    return (await createToolHost({ sessions: this.#book }).call({ name, args, client: "test 1", signal })).text;
  }

  /** One that is there already, as a later server finds it. */
  again(name: string): Promise<SessionView> {
    return this.#book.get(name);
  }

  get #book(): SessionBook {
    if (this.#opened === undefined) throw new Error("not open");
    return this.#opened.book;
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

import type { Socket } from "node:net";
import { LineAssembler, withDeadline, type Pulse } from "../base/index.ts";
import { dialDaemon, placesBeside, type DaemonPlace } from "../shim/index.ts";
import { readDaemonWord, writeWord, type DaemonWord, type PersonWord, type ShownQuestion } from "./answer-lines.ts";

/** A daemon takes an answer at once; this is for machines that stand still. */
const takenLimitMs = 10_000;

/** 32 questions of twelve facts at their longest. */
const longestLineBytes = 4_194_304;

/** The questions of one daemon, at the terminal of a person. */
export class QuestionDesk {
  /** Where its daemon was found. */
  readonly socketPath: string;
  readonly #socket: Socket;
  readonly #changed: Pulse;
  readonly #taken = new Map<string, (taken: boolean) => void>();
  #questions: readonly ShownQuestion[] | undefined;

  constructor(socketPath: string, socket: Socket, changed: Pulse) {
    this.socketPath = socketPath;
    this.#socket = socket;
    this.#changed = changed;
    const lines = new LineAssembler(longestLineBytes);
    socket.on("data", (chunk: Buffer) => {
      for (const line of lines.add(chunk)) {
        const word = line.kind === "text" ? readDaemonWord(line.text) : undefined;
        if (word !== undefined) this.#hear(word);
      }
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#questions = [];
      for (const tell of this.#taken.values()) tell(false);
      this.#changed.fire();
    });
    socket.resume();
  }

  /** Oldest first; undefined until the daemon has told. */
  get questions(): readonly ShownQuestion[] | undefined {
    return this.#questions;
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  /** Gives a person's word; false when the question was over already, or the daemon has gone or does not answer. */
  async say(word: PersonWord): Promise<boolean> {
    if (this.closed) return false;
    const taken = new Promise<boolean>((resolve) => {
      this.#taken.set(word.id, resolve);
      this.#socket.write(writeWord(word));
    });
    return (await withDeadline(taken, takenLimitMs)) === true;
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(word: DaemonWord): void {
    if ("questions" in word) this.#questions = word.questions;
    else {
      this.#taken.get(word.id)?.(word.taken);
      this.#taken.delete(word.id);
    }
    this.#changed.fire();
  }
}

/** The desks of all daemons of this user, whatever their settings, but for those that are `here`; `changed` fires at news of any. Rejects with `config_invalid`. */
export async function openQuestionDesks(
  place: DaemonPlace,
  here: readonly QuestionDesk[],
  changed: Pulse,
): Promise<readonly QuestionDesk[]> {
  const known = new Set(here.map((desk) => desk.socketPath));
  const places = (await placesBeside(place)).filter((one) => !known.has(one.socketPath));
  const found = await Promise.all(places.map(async (one) => ({ at: one, dialed: await dialDaemon(one, "answer") })));
  return found.flatMap(({ at, dialed }) =>
    dialed.kind === "connected" ? [new QuestionDesk(at.socketPath, dialed.connection.socket, changed)] : [],
  );
}

import { after } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { cutNote, readCut, type Cut } from "./cut-note.ts";
import type { LateOutput } from "./late-output.ts";

export interface SiblingDeps {
  readonly commands: CommandBook;
  /** The request that starts this command is yet to go out with the attachment that there is: the host may not know of it. */
  unsent(number: number): boolean;
  readonly late: LateOutput;
  /** Sends a question, which a reader may ask as well as a writer. */
  ask(line: string): boolean;
}

/** What the host says to the question how one is. */
const answers: ReadonlySet<string> = new Set(["bend", "brun", "blost"]);

/**
 * Commands beside the session shell. Their output stays on the host until somebody reads it; the host tells how much there is (`bsize`),
 * where it was cut (`bcut`) and how they ended (`bend`, `blost`).
 */
export class Siblings {
  readonly #deps: SiblingDeps;
  /** Those whose sizes and ends the host tells by itself. */
  readonly #watched = new Set<number>();
  /** Those of which the host was asked how they are, and has not said it yet. */
  readonly #asked = new Set<number>();

  constructor(deps: SiblingDeps) {
    this.#deps = deps;
  }

  /** A new attachment: asks how those are that are taken to run, and watches again those that do. */
  attached(): void {
    this.#watched.clear();
    this.#asked.clear();
    after(0, () => {
      this.askAgain();
    });
  }

  /** Asks how those are of which nothing has been said: more of them may be known than before. */
  askAgain(): void {
    for (const number of this.#running()) {
      if (this.#watched.has(number) || this.#asked.has(number)) continue;
      if (this.#deps.ask(`s ${number}`)) this.#asked.add(number);
    }
    this.watch();
  }

  /** Has the host tell the sizes of what the running ones print, and their ends: once it has said which those are, so that it tells each end once. */
  watch(): void {
    if (this.#asked.size > 0) return;
    const numbers = this.#running();
    // One that has ended is left out by the host itself, until none is left.
    const told = numbers.length === 0 ? this.#watched.size === 0 : numbers.every((number) => this.#watched.has(number));
    if (told || !this.#deps.ask(["W", ...numbers].join(" "))) return;
    this.#watched.clear();
    for (const number of numbers) this.#watched.add(number);
  }

  line(words: readonly string[]): void {
    this.#answered(words);
    switch (words[0] ?? "") {
      case "bend":
        this.#ended(Number(words[1]), { status: Number(words[2]), stdout: Number(words[3]), stderr: Number(words[4]) });
        if (words[5] === "held") this.#deps.late.keepBeside(this.#at(Number(words[1])));
        break;
      case "brun":
        this.#at(Number(words[1]));
        break;
      case "blost":
        this.#deps.commands
          .get(Number(words[1]))
          ?.lost("its processes on the host were killed; the outcome is unknown");
        break;
      case "bsize":
        for (const size of words.slice(1)) this.#grew(size);
        break;
      case "bcut":
        this.#cut(words[1] ?? "", readCut(words.slice(2)));
        break;
      default:
        return;
    }
    this.watch();
  }

  /** Those that run, as far as the host can know of them: one that it has yet to be given would be lost to it. */
  #running(): readonly number[] {
    const numbers = this.#deps.commands.beside().map((command) => command.number);
    return numbers.filter((number) => !this.#deps.unsent(number));
  }

  /** The command beside the shell with this number; made if it is not known yet. */
  #at(number: number): HostCommand {
    return this.#deps.commands.at(number, "own");
  }

  #answered([event = "", number]: readonly string[]): void {
    if (answers.has(event)) this.#asked.delete(Number(number));
  }

  #ended(number: number, how: { readonly status: number; readonly stdout: number; readonly stderr: number }): void {
    const command = this.#at(number);
    if (command.hold.endedOnHost(how.status)) return;
    command.grewTo("stdout", how.stdout);
    command.grewTo("stderr", how.stderr);
    command.statusIs(how.status);
    command.streamEnds("stdout");
    command.streamEnds("stderr");
  }

  /** `B<O|E>.<number>=<bytes>` */
  #grew(size: string): void {
    const match = /^B([OE])\.(\d+)=(\d+)$/.exec(size);
    if (match === null) return;
    const command = this.#deps.commands.get(Number(match[2]));
    if (command?.hold.lent === "here") return;
    command?.grewTo(match[1] === "O" ? "stdout" : "stderr", Number(match[3]));
  }

  /** `B<O|E>.<number>` was full, or the disk was. */
  #cut(spool: string, cut: Cut): void {
    const match = /^B([OE])\.(\d+)$/.exec(spool);
    if (match === null) return;
    const stream = match[1] === "O" ? "stdout" : "stderr";
    this.#deps.commands.get(Number(match[2]))?.life.note(cutNote(stream, cut.sizeBytes, cut));
  }
}

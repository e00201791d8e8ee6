import { after } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { cutNote, readCut, type Cut } from "./cut-note.ts";
import type { LateOutput } from "./late-output.ts";

export interface SiblingDeps {
  readonly commands: CommandBook;
  /** The command beside the shell with this number; made if it is not known yet. */
  siblingAt(number: number): HostCommand;
  readonly late: LateOutput;
  /** Sends a question, which a reader may ask as well as a writer. */
  ask(line: string): boolean;
}

/**
 * Commands beside the session shell. Their output stays on the host until somebody reads it; the host tells how much there is (`bsize`),
 * where it was cut (`bcut`) and how they ended (`bend`, `blost`).
 */
export class Siblings {
  readonly #deps: SiblingDeps;
  #watched = "";

  constructor(deps: SiblingDeps) {
    this.#deps = deps;
  }

  /** A new attachment: watches again, and asks for those of which something was missed. */
  attached(): void {
    this.#watched = "";
    after(0, () => {
      this.askAgain();
    });
  }

  /** Asks how those are that run as far as is known here. */
  askAgain(): void {
    for (const command of this.#deps.commands.beside()) this.#deps.ask(`s ${command.number}`);
    this.watch();
  }

  /** Has the host tell the sizes of what the running ones print. */
  watch(): void {
    const numbers = this.#deps.commands.beside().map((command) => command.number);
    const wanted = numbers.join(" ");
    if (wanted === this.#watched) return;
    if (this.#deps.ask(wanted === "" ? "W" : `W ${wanted}`)) this.#watched = wanted;
  }

  line(words: readonly string[]): void {
    switch (words[0] ?? "") {
      case "bend":
        this.#ended(Number(words[1]), { status: Number(words[2]), stdout: Number(words[3]), stderr: Number(words[4]) });
        if (words[5] === "held") this.#deps.late.keepBeside(this.#deps.siblingAt(Number(words[1])));
        break;
      case "brun":
        this.#deps.siblingAt(Number(words[1]));
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

  #ended(number: number, how: { readonly status: number; readonly stdout: number; readonly stderr: number }): void {
    const command = this.#deps.siblingAt(number);
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

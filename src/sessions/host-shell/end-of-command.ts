import { after } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream } from "../session-api.ts";
import { cutNote, noTailNote, readCut, type Cut } from "./cut-note.ts";
import type { Hello } from "./attachment.ts";
import { FreshStreams, type FreshStreamsDeps } from "./fresh-streams.ts";
import type { StreamEnd } from "./spool-stream.ts";

/** The prompt and the ends of the streams reach us within a few ms of each other, unless a background process holds the streams. */
const settleMs = 60;

/** Background processes of the session that are spared when a command is killed. */
const rememberedBackground = 64;

/** A marker goes into a FIFO in one piece with at most 512 bytes (POSIX), 4,096 on Linux and the BSDs; a longer directory is left out. */
const longestMarkedCharacters = 400;

export interface EndDeps extends FreshStreamsDeps {
  readonly commands: CommandBook;
  token(number: number): string;
}

/**
 * Decides when a command has ended and when the shell is ready for the next one, from what the host tells: the markers in the spools, and
 * the events `P` (prompt), `Q` (answer on attach), `dead`, `cut`, `ep`, `in`. Nothing is read off the output.
 */
export class EndOfCommand {
  /** Process ids of background jobs, newest last. */
  readonly background: number[] = [];
  readonly #deps: EndDeps;
  readonly #streams: FreshStreams;
  readonly #events: Readonly<Record<string, (words: readonly string[], line: string) => void>> = {
    P: (words) => {
      this.#prompted(Number(words[1]), words);
    },
    Q: (words) => {
      this.#answered(Number(words[2]));
    },
    dead: (words) => {
      this.#died({ status: Number(words[1]), started: Number(words[3]) });
    },
    cut: (words) => {
      this.#cut(words[1] ?? "", readCut(words.slice(2)));
    },
    ep: (words) => {
      this.#streams.epochCame(Number(words[1]));
    },
    failed: () => {
      after(1000, () => {
        this.#streams.rotate();
      });
    },
    in: () => {
      this.#streams.stdinCame();
    },
    late: (words) => {
      for (const number of words.slice(1)) this.#deps.commands.timeIsUp(Number(number));
    },
    stale: (words) => {
      this.#refused(Number(words[2]), Number(words[3]), "another server has used its number");
      this.#deps.numbers.next = Number(words[1]);
    },
    E: (words, line) => {
      this.#refused(Number(words[1]), Number(words[2]), line.split(" ").slice(3).join(" "));
    },
  };
  #prompt: { readonly number: number; readonly status: number } | undefined;
  #directory: string | undefined;
  #death: { readonly status: number; readonly started: number } | undefined;
  #startedAtAttach = 0;
  /** Commands up to this number were known to the host when we attached: others may have seen more of them. */
  #before = 0;

  constructor(deps: EndDeps) {
    this.#deps = deps;
    this.#streams = new FreshStreams(deps);
  }

  /** Nothing runs in the foreground, and streams and stdin are fresh. */
  get ready(): boolean {
    return this.#streams.ready && this.#newest()?.life.running !== true;
  }

  /** A command is about to be given to the shell. */
  prepare(): void {
    const newest = this.#newest();
    if (newest?.life.running !== true) this.#refresh(newest);
  }

  /** Asks for a new stdin while command `number` runs; the shell is not ready before it is there. False when nobody is there to ask. */
  freshStdin(number: number): boolean {
    return this.#streams.newStdin(`Z ${number}`);
  }

  /** We were there when it began and have heard no prompt since. */
  surelyRunning(command: HostCommand): boolean {
    return command.number > this.#before && !this.settling(command);
  }

  /** The shell has said that it is done with it; only its streams are not complete yet. */
  settling(command: HostCommand): boolean {
    return this.#prompt?.number === command.number;
  }

  /** Where the shell was when it was last heard of. */
  get directory(): string | undefined {
    return this.#directory;
  }

  attached(hello: Hello): void {
    this.#before = hello.front;
    this.#startedAtAttach = hello.started;
    if (hello.died !== undefined) this.#death = hello.died;
    this.#streams.attached();
    this.#fed(hello);
    after(0, () => {
      this.prepare();
      this.#catchUp();
    });
  }

  /** Somebody has typed something into the newest command: what that has not read must not be the next one's input. */
  #fed({ fed, front }: Hello): void {
    if (fed === undefined || fed !== front) return;
    const command = this.#deps.commands.get(fed);
    if (command === undefined) this.#streams.newStdin();
    else command.stdinUsed = true;
  }

  bytesCame(stream: OutputStream): void {
    this.#checkCut(stream);
  }

  foreignMarker(stream: OutputStream, number: number): void {
    this.#streams.markerCame(stream, number);
  }

  streamEnded(stream: OutputStream, end: StreamEnd): void {
    const command = this.#deps.commands.get(end.number);
    if (command === undefined) return;
    if (stream === "stdout" && end.directory !== undefined) {
      command.directory = end.directory;
      this.#directory = end.directory;
    }
    if (stream === "stdout" && end.status !== undefined) command.statusIs(end.status);
    if (end.held) this.#streams.held();
    else this.#streams.endCame(stream);
    command.streamEnds(stream);
    this.#check(command);
  }

  /** One event from the host. */
  line(words: readonly string[], line: string): void {
    const handle = this.#events[words[0] ?? ""];
    if (handle === undefined) return;
    handle(words, line);
    this.#deps.changed();
  }

  /** `P <number> <status> <n:|:><background pid> <directory>`; `n`: it ended as commands do, so its markers are on their way. */
  #prompted(number: number, words: readonly string[]): void {
    const told = Number(words[2]);
    const [normal, background] = (words[3] ?? "").split(":");
    const command = this.#deps.commands.get(number);
    // An aborted line has not succeeded; zsh says 0 when SIGINT broke a loop of builtins, and anything when we aborted it.
    const status = normal !== "n" && (told === 0 || command?.life.ending === true) ? 130 : told;
    const fresh = this.#remember(Number(background));
    this.#prompt = { number, status };
    const directory = words.slice(4).join(" ");
    if (number === 0) this.#directory = directory;
    if (command === undefined || !command.life.running) return;
    // The marker tells it exactly; the prompt is one line, which a directory with a newline is not.
    if (!command.hasEnded("stdout")) {
      command.directory = directory;
      this.#directory = directory;
    }
    if (normal !== "n" || fresh) this.#settle(command, status);
    else {
      after(settleMs, () => {
        this.#settle(command, status);
      });
    }
  }

  /** Notes a background job's process id; true when it is a new one. */
  #remember(pid: number): boolean {
    if (!(pid > 1) || this.background.includes(pid)) return false;
    this.background.push(pid);
    if (this.background.length > rememberedBackground) this.background.shift();
    return true;
  }

  /** The shell is idle and its newest command is `number` (0: it has just begun). */
  #answered(number: number): void {
    const begun = Math.max(number, this.#startedAtAttach);
    for (const command of this.#deps.commands.inFront()) {
      if (command.number > this.#before || command.number === number) continue;
      if (command.number > begun) command.lost("the session shell died before it began: it did not run");
      else if (command.number === this.#death?.started) this.#settle(command, this.#death.status);
    }
  }

  #died(death: { readonly status: number; readonly started: number }): void {
    this.#death = death;
    for (const command of this.#deps.commands.inFront()) {
      if (command.number > death.started) this.#deps.send("A");
      else if (command.number === death.started) this.#settle(command, death.status);
    }
  }

  /** The command is over, so its streams are: we put their ends into them, behind what it printed. */
  #settle(command: HostCommand, status: number): void {
    if (!command.life.running) return;
    if (this.#death?.started === command.number) command.life.note("shell restarted");
    command.statusIs(status);
    this.#checkCut("stdout");
    this.#checkCut("stderr");
    if (command.life.running) {
      const { number } = command;
      const directory = this.settling(command) ? markedDirectory(command.directory) : "?";
      this.#streams.putMarkers(number, `U ${this.#deps.token(number)} ${status} ${directory}`);
    }
    this.#check(command);
  }

  /** `front`: the newest command that the shell was given, as its host says. */
  #refused(number: number, front: number, why: string): void {
    this.#deps.commands.get(number)?.lost(`it did not start: ${why}`);
    Object.assign(this.#deps.numbers, { next: number, front });
  }

  /** `cut <O|E>.<epoch> <cut>` */
  #cut(spool: string, cut: Cut): void {
    const [letter, epoch] = spool.split(".");
    if (Number(epoch) !== this.#deps.follower.epoch) return;
    const stream = letter === "O" ? "stdout" : "stderr";
    this.#streams.cut(stream, cut);
    const command = this.#newest();
    command?.life.note(cutNote(stream, command.streamOffset(stream, cut.sizeBytes), cut));
    this.#checkCut(stream);
  }

  #checkCut(stream: OutputStream): void {
    const command = this.#newest();
    if (command === undefined || command.hasEnded(stream)) return;
    if (!this.settling(command) && this.#death?.started !== command.number) return;
    if (!this.#streams.cutReached(stream)) {
      this.#streams.awaitTail(stream, () => {
        command.life.note(noTailNote(stream));
        this.#checkCut(stream);
        this.#deps.changed();
      });
      return;
    }
    command.streamEnds(stream);
    this.#check(command);
  }

  #check(command: HostCommand): void {
    if (command.life.running) return;
    if (command !== this.#newest()) {
      this.#catchUp();
      return;
    }
    this.#refresh(command);
    this.#deps.changed();
  }

  #catchUp(): void {
    this.#streams.catchUp(this.#deps.commands.inFront().flatMap(({ epoch }) => (epoch === "own" ? [] : [epoch])));
  }

  #refresh(newest: HostCommand | undefined): void {
    this.#streams.refresh();
    if (newest?.stdinUsed !== true) return;
    newest.stdinUsed = false;
    this.#streams.newStdin();
  }

  #newest(): HostCommand | undefined {
    return this.#deps.commands.get(this.#deps.numbers.front);
  }
}

/** A directory as a marker can tell it, on one line; `?` where it cannot. */
function markedDirectory(directory: string | undefined): string {
  if (directory === undefined || directory.length > longestMarkedCharacters) return "?";
  return ["\n", "\u001E"].some((mark) => directory.includes(mark)) ? "?" : directory;
}

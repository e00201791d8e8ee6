import { Pulse, after } from "../../base/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream } from "../session-api.ts";
import type { Hello } from "./attachment.ts";
import type { SpoolFollower } from "./spool-follower.ts";
import type { StreamEnd } from "./spool-stream.ts";

/** The prompt and the ends of the streams reach us within a few ms of each other, unless a background process holds the streams. */
const settleMs = 60;

/** Beyond this a spool is replaced after the command, so that nobody ever reads much to find a command's beginning. */
const largeSpoolBytes = 1024 * 1024;

/** Commands in one epoch: below the 300 that the spooler's list on the host is made for. */
const epochCommands = 250;

/** Background processes of the session that are spared when a command is killed. */
const rememberedBackground = 64;

export interface EndDeps {
  readonly commands: CommandBook;
  readonly follower: SpoolFollower;
  token(number: number): string;
  hostEpoch(): number;
  epochIs(epoch: number): void;
  next(): number;
  nextIs(number: number): void;
  send(line: string): boolean;
  changed(): void;
}

/**
 * Decides when a command has ended and when the shell is ready for the next one, from what the host tells: the markers in the spools, and
 * the events `P` (prompt), `Q` (answer on attach), `dead`, `cut`, `ep`, `in`. Nothing is read off the output.
 */
export class EndOfCommand {
  /** Told when the host has taken a piece of input. */
  readonly fed = new Pulse();
  /** Process ids of background jobs, newest last. */
  readonly background: number[] = [];
  readonly #deps: EndDeps;
  readonly #awaited = new Set<"epoch" | "stdin">();
  readonly #cuts = new Map<OutputStream, number>();
  #prompt: { readonly number: number; readonly status: number; readonly directory: string } | undefined;
  #death: { readonly status: number; readonly started: number } | undefined;
  #startedAtAttach = 0;
  /** Commands up to this number were known to the host when we attached: others may have seen more of them. */
  #before = 0;
  #held = false;
  #rotationFor: number | undefined;

  constructor(deps: EndDeps) {
    this.#deps = deps;
  }

  /** Nothing runs in the foreground, and streams and stdin are fresh. */
  get ready(): boolean {
    return this.#awaited.size === 0 && this.#newest()?.life.running !== true;
  }

  /** We were there when it began and have heard no prompt since. */
  surelyRunning(command: HostCommand): boolean {
    return command.number > this.#before && !this.settling(command);
  }

  /** The shell has said that it is done with it; only its streams are not complete yet. */
  settling(command: HostCommand): boolean {
    return this.#prompt?.number === command.number;
  }

  /** Where the shell is when no command has told: a new one, or one that was restarted. */
  get freshDirectory(): string | undefined {
    return this.#prompt?.number === 0 ? this.#prompt.directory : undefined;
  }

  attached(hello: Hello): void {
    this.#before = hello.next - 1;
    this.#startedAtAttach = hello.started;
    if (hello.died !== undefined) this.#death = hello.died;
    this.#awaited.clear();
    after(0, () => {
      const newest = this.#newest();
      if (newest === undefined || !newest.life.running) this.#refresh(newest);
    });
  }

  begins(command: HostCommand): void {
    if (command.number === this.#deps.next()) this.#held = false;
  }

  bytesCame(stream: OutputStream): void {
    if (this.#cuts.size > 0) this.#checkCut(stream);
  }

  streamEnded(stream: OutputStream, end: StreamEnd): void {
    const command = this.#deps.commands.get(end.number);
    if (command === undefined) return;
    if (stream === "stdout" && end.directory !== undefined) command.directory = end.directory;
    if (stream === "stdout" && end.status !== undefined) command.statusIs(end.status);
    if (end.held) this.#held = true;
    command.streamEnds(stream);
    if (command.streamsEnded && command.status === undefined) this.#findStatus(command);
    this.#check(command);
  }

  line(words: readonly string[], line: string): void {
    const number = Number(words[1]);
    switch (words[0]) {
      case "P":
        this.#prompted(number, words);
        break;
      case "Q":
        this.#answered(Number(words[2]));
        break;
      case "dead":
        this.#died({ status: number, started: Number(words[3]) });
        break;
      case "cut":
        this.#cut(words[1] ?? "", Number(words[2]));
        break;
      case "ep":
        this.#newEpoch(number);
        break;
      case "in":
        this.#awaited.delete("stdin");
        break;
      case "fed":
        this.fed.fire();
        break;
      case "end":
        this.#recorded(number, words[2]);
        break;
      case "stale":
        this.#refused(this.#deps.next() - 1, "another server has used its number");
        this.#deps.nextIs(number);
        break;
      case "E":
        this.#refused(number, line.split(" ").slice(2).join(" "));
        break;
      case "failed":
        after(1000, () => {
          this.#rotate();
        });
        break;
      default:
        return;
    }
    this.#deps.changed();
  }

  /** `P <number> <status> <background pid> <directory>` */
  #prompted(number: number, words: readonly string[]): void {
    const status = Number(words[2]);
    const pid = Number(words[3]);
    if (pid > 1 && !this.background.includes(pid)) this.background.push(pid);
    if (this.background.length > rememberedBackground) this.background.shift();
    this.#prompt = { number, status, directory: words.slice(4).join(" ") };
    const command = this.#deps.commands.get(number);
    if (command === undefined || !command.life.running) return;
    command.directory ??= this.#prompt.directory;
    if (command.streamsEnded) this.#told(command, status);
    else this.#settle(command, status);
  }

  /** The shell is idle and its newest command is `number` (0: it has just begun). */
  #answered(number: number): void {
    const begun = Math.max(number, this.#startedAtAttach);
    for (const command of this.#deps.commands.running()) {
      if (command.number > this.#before || command.number === number) continue;
      if (command.number > begun) command.lost("the session shell died before it began: it did not run");
      else if (command.number === this.#death?.started) this.#settle(command, this.#death.status);
    }
  }

  #died(death: { readonly status: number; readonly started: number }): void {
    this.#death = death;
    for (const command of this.#deps.commands.running()) {
      if (command.number > death.started) this.#deps.send("A");
      else if (command.number === death.started) this.#settle(command, death.status);
    }
  }

  /** The command is over, so its streams should be: where they are not, something else holds them, and we mark their end ourselves. */
  #settle(command: HostCommand, status: number): void {
    after(settleMs, () => {
      if (!command.life.running) return;
      this.#checkCut("stdout");
      this.#checkCut("stderr");
      if (command.streamsEnded) {
        this.#told(command, status);
        return;
      }
      this.#deps.follower.expectTwice();
      this.#told(command, status);
      this.#deps.send(`U ${this.#deps.token(command.number)} ${status}`);
    });
  }

  /** A status that no marker holds: it is written down on the host for whoever reads later. */
  #told(command: HostCommand, status: number): void {
    if (command.status === undefined) {
      if (this.#death?.started === command.number) command.life.note("shell restarted");
      command.statusIs(status);
      this.#deps.send(`X ${command.number} ${status}`);
    }
    this.#check(command);
  }

  #findStatus(command: HostCommand): void {
    if (this.#death?.started === command.number) this.#told(command, this.#death.status);
    else if (this.#prompt?.number === command.number) this.#told(command, this.#prompt.status);
    else if (command.number <= this.#before) this.#deps.send(`x ${command.number}`);
  }

  /** `end <number> [<status>]`: what is written down on the host for a command whose marker holds no status. */
  #recorded(number: number, status: string | undefined): void {
    const command = this.#deps.commands.get(number);
    if (command === undefined || !command.life.running) return;
    if (status !== undefined) command.statusIs(Number(status));
    else if (number < this.#deps.next() - 1) command.lost("nobody saw its exit status; the outcome is unknown");
    this.#check(command);
  }

  #refused(number: number, why: string): void {
    this.#deps.commands.get(number)?.lost(`it did not start: ${why}`);
    this.#deps.nextIs(number);
  }

  /** `cut <O|E>.<epoch> <size>`: from that byte on, output was read and not kept. */
  #cut(spool: string, size: number): void {
    const [letter, epoch] = spool.split(".");
    if (Number(epoch) !== this.#deps.follower.epoch) return;
    const stream = letter === "O" ? "stdout" : "stderr";
    this.#cuts.set(stream, size);
    const command = this.#newest();
    command?.life.note(`${stream} after byte ${command.streamOffset(stream, size)} was not kept: the spool is full`);
    this.#checkCut(stream);
  }

  #checkCut(stream: OutputStream): void {
    const size = this.#cuts.get(stream);
    const command = this.#newest();
    if (size === undefined || command === undefined || this.#deps.follower.offset(stream) < size) return;
    const over = this.settling(command) || this.#death?.started === command.number;
    if (!over || command.hasEnded(stream)) return;
    command.streamEnds(stream);
    this.#check(command);
  }

  #newEpoch(epoch: number): void {
    this.#deps.epochIs(epoch);
    this.#rotationFor = undefined;
    this.#held = false;
    this.#cuts.clear();
    this.#deps.send(`F ${epoch} 0 0`);
    this.#awaited.delete("epoch");
  }

  #check(command: HostCommand): void {
    if (command.life.running || command !== this.#newest()) return;
    this.#refresh(command);
    this.#deps.changed();
  }

  /** After the newest command: new spools where the old ones are held, cut or large; a new stdin where the old one was used. */
  #refresh(newest: HostCommand | undefined): void {
    const { follower } = this.#deps;
    const size = follower.offset("stdout") + follower.offset("stderr");
    const count = this.#deps.next() - (follower.epoch ?? 1);
    const current = follower.epoch === this.#deps.hostEpoch();
    if (current && (this.#held || this.#cuts.size > 0 || size > largeSpoolBytes || count >= epochCommands)) {
      this.#rotationFor = this.#deps.next();
      this.#rotate();
    } else if (!current && follower.epoch !== undefined) this.#newEpoch(this.#deps.hostEpoch());
    if (newest?.stdinUsed === true) {
      newest.stdinUsed = false;
      if (this.#deps.send("J")) this.#awaited.add("stdin");
    }
  }

  #rotate(): void {
    if (this.#rotationFor === undefined) return;
    if (this.#deps.send(`N ${this.#rotationFor} ${this.#held ? "u" : "c"}`)) this.#awaited.add("epoch");
  }

  #newest(): HostCommand | undefined {
    return this.#deps.commands.get(this.#deps.next() - 1);
  }
}

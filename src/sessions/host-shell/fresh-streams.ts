import { after, monotonicMs } from "../../base/index.ts";
import type { OutputStream } from "../session-api.ts";
import type { Cut } from "./cut-note.ts";
import type { HostNumbers } from "./host-numbers.ts";
import type { SpoolFollower } from "./spool-follower.ts";

/** After markers of ours the spoolers' own follow at once where nothing holds the streams. */
const releaseMs = 40;

/** How long we wait for markers of ours to come through: they stand behind everything that the command printed. */
const markersMs = 30_000;

/** They take a few ms; asked for too often they only come more than once, which does no harm. */
const askAgainMs = 700;

/** After the end of its command, the end of a stream that was cut comes within some ms of reading what is left in a pipe and writing 1 MiB. */
const tailMs = 3_000;

/** The answer to a request takes some ms; an event may be lost with the connection that it was told on, and what was asked for may be asked for twice. */
const answerMs = 3_000;

/** Beyond this a spool is replaced after the command, so that nobody ever reads much to find a command's beginning. */
const largeSpoolBytes = 1024 * 1024;

/** Commands in one epoch: below the 300 that the spooler's list on the host is made for. */
const epochCommands = 250;

export interface FreshStreamsDeps {
  readonly follower: SpoolFollower;
  readonly numbers: HostNumbers;
  send(line: string): boolean;
  /** Sends a request that changes nothing, which a reader may make as well as a writer. */
  ask(line: string): boolean;
  changed(): void;
}

/**
 * Sees to it that each command finds streams of its own: new spools when a background process still holds the old ones, when they were cut
 * or have grown large, or when commands beside the shell have taken numbers; a new stdin when the old one was used; and nothing of one
 * command in another's output.
 */
export class FreshStreams {
  readonly #deps: FreshStreamsDeps;
  readonly #awaited = new Set<"epoch" | "stdin" | "markers">();
  readonly #cuts = new Map<OutputStream, Cut>();
  /** Cuts whose end is awaited. */
  readonly #tails = new WeakSet<Cut>();
  #held = false;
  /** When streams or stdin were last asked for. */
  #askedMs = 0;
  /** The epoch that the host was last asked to begin. */
  #askedFor: number | undefined;
  /** The epoch that the host was last asked to ship from its beginning; asked twice, it would ship it twice. */
  #goingOnTo: number | undefined;
  #markers: { readonly number: number; readonly missing: Set<OutputStream> } | undefined;

  constructor(deps: FreshStreamsDeps) {
    this.#deps = deps;
  }

  /** Nothing is awaited: the next command can have its streams. */
  get ready(): boolean {
    return this.#awaited.size === 0 && !this.#skipped && !this.#unseen;
  }

  /** A new attachment: what was asked for before may never have been heard. */
  attached(): void {
    this.#goingOnTo = undefined;
    this.#awaited.clear();
    this.#markers = undefined;
  }

  /** Something holds a stream of the command that has ended. */
  held(): void {
    this.#held = true;
  }

  /** Asks for a new stdin: the end of file for whoever reads the old one. False when nobody is there to ask. */
  newStdin(request = "J"): boolean {
    const asked = this.#deps.send(request);
    if (asked) this.#awaits("stdin");
    return asked;
  }

  stdinCame(): void {
    this.#awaited.delete("stdin");
  }

  /** Asks for markers of ours behind the output of command `number`, and holds the next one back until they have come through. */
  putMarkers(number: number, request: string): void {
    if (this.#markers?.number === number) return;
    // A stream that was cut is read and dropped, markers and all.
    const whole = (["stdout", "stderr"] as const).filter((stream) => !this.#cuts.has(stream));
    if (whole.length === 0) return;
    this.#markers = { number, missing: new Set(whole) };
    this.#awaited.add("markers");
    this.#askForMarkers(number, request, monotonicMs() + markersMs);
  }

  /** A spooler between two looks at its FIFO misses what is written into it, so it is asked again until the markers are there. */
  #askForMarkers(number: number, request: string, until: number): void {
    if (this.#markers?.number !== number || this.#markers.missing.size === 0) return;
    if (monotonicMs() > until || !this.#deps.send(request)) {
      this.#release(number);
      return;
    }
    after(askAgainMs, () => {
      this.#askForMarkers(number, request, until);
    });
  }

  markerCame(stream: OutputStream, number: number): void {
    if (this.#markers?.number !== number) return;
    this.#markers.missing.delete(stream);
    if (this.#markers.missing.size > 0) return;
    after(releaseMs, () => {
      this.#release(number);
    });
  }

  /** A stream was not kept from some byte of its spool on. */
  cut(stream: OutputStream, cut: Cut): void {
    this.#cuts.set(stream, cut);
  }

  /** All that was kept of a stream that was cut has come. */
  cutReached(stream: OutputStream): boolean {
    const cut = this.#cuts.get(stream);
    if (cut === undefined || cut.tail === "coming") return false;
    return this.#deps.follower.offset(stream) >= (cut.tail === "none" ? cut.sizeBytes : cut.tail);
  }

  /** The command is over. Where the end of a cut stream does not come, because something holds the stream, it is given up and `onGivenUp` called. */
  awaitTail(stream: OutputStream, onGivenUp: () => void): void {
    const cut = this.#cuts.get(stream);
    if (cut?.tail !== "coming" || this.#tails.has(cut)) return;
    this.#tails.add(cut);
    after(tailMs, () => {
      if (this.#cuts.get(stream) !== cut) return;
      this.#cuts.set(stream, { ...cut, tail: "none" });
      this.#held = true;
      onGivenUp();
    });
  }

  /** The marker that ends a stream has come: of one that was cut, it stands behind its end. */
  endCame(stream: OutputStream): void {
    const cut = this.#cuts.get(stream);
    if (cut?.tail === "coming") this.#cuts.set(stream, { ...cut, tail: this.#deps.follower.offset(stream) });
  }

  /** To be called when nothing runs: asks for new spools where they are needed, or goes on to those that the host has begun. */
  refresh(): void {
    this.#askAgain();
    if (this.#awaited.has("markers") || this.#awaited.has("epoch")) return;
    if (this.#tailComes) return;
    const followed = this.#deps.follower.epoch;
    if (followed === undefined) return;
    if (followed !== this.#deps.numbers.epoch) this.#goOnTo(this.#deps.numbers.epoch);
    else if (this.#used()) this.rotate();
  }

  /**
   * To be called with the epochs in which commands run, when there may be a newer one than is followed: the news of it, or that we have gone on
   * to it, was lost with a connection. Goes on as soon as the one that is followed has told all.
   */
  catchUp(running: readonly number[]): void {
    const followed = this.#deps.follower.epoch;
    if (followed === undefined || this.#tailComes) return;
    const next = Math.min(this.#deps.numbers.epoch, ...running);
    if (next > followed) this.#goOnTo(next);
  }

  rotate(): void {
    const epoch = this.#deps.numbers.next;
    if (!this.#deps.send(`N ${epoch} ${this.#held ? "u" : "c"}`)) return;
    this.#askedFor = epoch;
    this.#awaits("epoch");
  }

  /** What was kept of a stream that was cut is still on its way: another epoch would end its way. */
  get #tailComes(): boolean {
    return [...this.#cuts.keys()].some((stream) => !this.cutReached(stream));
  }

  #awaits(what: "epoch" | "stdin"): void {
    this.#awaited.add(what);
    this.#askedMs = monotonicMs();
  }

  /** Nothing runs, and what was asked for has not come for long. */
  #askAgain(): void {
    if (monotonicMs() - this.#askedMs < answerMs) return;
    if (this.#awaited.has("epoch")) this.rotate();
    if (this.#awaited.has("stdin")) this.newStdin();
  }

  epochCame(epoch: number): void {
    if (epoch === this.#askedFor) this.#awaited.delete("epoch");
    // An event may be older than our attachment, which follows that epoch or a newer one, or is just about to.
    if (epoch <= (this.#deps.follower.epoch ?? this.#deps.numbers.epoch)) return;
    this.#goOnTo(epoch);
  }

  #goOnTo(epoch: number): void {
    if (this.#goingOnTo === epoch || !this.#deps.ask(`F ${epoch} 0 0`)) return;
    this.#goingOnTo = epoch;
    this.#deps.numbers.epoch = Math.max(this.#deps.numbers.epoch, epoch);
    this.#held = false;
    this.#cuts.clear();
  }

  /** Commands beside the shell have taken numbers, and what the spools expect is not known yet. */
  get #unseen(): boolean {
    return this.#deps.follower.epoch === undefined && this.#deps.numbers.next !== this.#deps.numbers.front + 1;
  }

  /** The spools expect another number than the next command will have: those of the epoch that we are going on to, if it is not followed yet. */
  get #skipped(): boolean {
    const { follower, numbers } = this.#deps;
    const followed = follower.epoch === undefined || follower.epoch === numbers.epoch;
    const expected = followed ? follower.number : numbers.epoch;
    return expected !== undefined && expected > numbers.front && expected !== numbers.next;
  }

  #used(): boolean {
    const { follower } = this.#deps;
    const size = follower.offset("stdout") + follower.offset("stderr");
    const count = this.#deps.numbers.next - (follower.epoch ?? this.#deps.numbers.next);
    return this.#skipped || this.#held || this.#cuts.size > 0 || size > largeSpoolBytes || count >= epochCommands;
  }

  /** Whether something still holds the streams is known now. */
  #release(number: number): void {
    if (this.#markers?.number !== number) return;
    this.#markers = undefined;
    this.#awaited.delete("markers");
    this.#held = this.#deps.follower.late;
    this.refresh();
    this.#deps.changed();
  }
}

import { monotonicMs, Pulse } from "../base/index.ts";
import type { CurrentLine, FinishedLine } from "./line-screen.ts";
import { LineScreen } from "./line-screen.ts";
import { isPager } from "./line-kinds.ts";
import type { Platform } from "./platform.ts";
import { readPrompt, type Prompt } from "./prompt.ts";

/** The bytes' way to a device; what comes back is given to `DeviceTerminal.feed`. */
export interface DeviceWire {
  write(text: string): void;
}

/** Whoever watches what the device shows. */
export interface TerminalWatcher {
  /** A line can change no more. */
  onLine(line: FinishedLine): void;
  /** After each piece of output, when its lines were told. */
  onChange(): void;
  onClosed(): void;
}

/** Of a device's name, as much as every prompt of it shows: IOS cuts it in configuration mode. */
const nameCharacters = 16;

/** What a person has typed is on its way for so long, at most: until then nothing of ours may get behind half a line of theirs. */
const underWayMs = 1_000;

/** One line-oriented terminal of a device: what it shows, drawn, and whether that is its prompt. One watcher at a time. */
export class DeviceTerminal {
  readonly #wire: DeviceWire;
  readonly #screen: LineScreen;
  readonly #pulse = new Pulse();
  #platform: Platform;
  #watcher: TerminalWatcher | undefined;
  #name = "";
  #prompt: Prompt | undefined;
  #closed = false;
  #personMs = Number.NEGATIVE_INFINITY;
  /** Whether what is typed comes back: without an echo no comment tells anything. Undefined: nobody has looked. */
  echoes: boolean | undefined;
  /** Whether output may still stop for pages. */
  pages = true;

  constructor(wire: DeviceWire, platform: Platform, columns: number) {
    this.#wire = wire;
    this.#platform = platform;
    this.#screen = new LineScreen(columns);
  }

  get platform(): Platform {
    return this.#platform;
  }

  /** What it is was found out. */
  speak(platform: Platform): void {
    this.#platform = platform;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get current(): CurrentLine {
    return this.#screen.current;
  }

  /** The line above that. */
  get above(): string {
    return this.#screen.above;
  }

  /** Goes up with each piece of output. */
  get revision(): number {
    return this.#screen.revision;
  }

  /** The prompt that was confirmed last. */
  get prompt(): Prompt | undefined {
    return this.#prompt;
  }

  watch(watcher: TerminalWatcher | undefined): void {
    this.#watcher = watcher;
  }

  /** Output of the device. */
  feed(bytes: Uint8Array): void {
    for (const line of this.#screen.feed(bytes)) this.#watcher?.onLine(line);
    for (const reply of this.#screen.takeReplies()) this.#wire.write(reply);
    this.#watcher?.onChange();
    this.#pulse.fire();
  }

  /** The device has closed its side, or the connection is gone. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watcher?.onClosed();
    this.#pulse.fire();
  }

  write(text: string): void {
    if (!this.#closed) this.#wire.write(text);
  }

  /** Types for a person. */
  writeForPerson(text: string): void {
    this.#personMs = monotonicMs();
    this.write(text);
  }

  /** How long what a person has typed last may still be under way. */
  get personLeftMs(): number {
    return Math.max(0, this.#personMs + underWayMs - monotonicMs());
  }

  /** Resolves at the next output or end, or after `limitMs`. Never rejects. */
  async changed(limitMs: number): Promise<void> {
    if (!this.#closed) await this.#pulse.wait(limitMs);
  }

  /** The line with the cursor as a prompt of this device; `renamed`: its name may be another now. */
  promptNow(renamed = false): Prompt | undefined {
    const { text, cursorAtEnd } = this.#screen.current;
    return cursorAtEnd ? this.promptIn(text, this.#screen.above, renamed) : undefined;
  }

  /** A text as a prompt of this device. */
  promptIn(text: string, above: string, renamed = false): Prompt | undefined {
    // A blank too many may stand there: the answer to a pager that was none.
    const bare = text.trimEnd();
    const prompt = readPrompt(this.#platform, text, above) ?? readPrompt(this.#platform, `${bare} `, above);
    if (prompt === undefined || renamed || this.#name === "" || prompt.host === "") return prompt;
    return prompt.host.startsWith(this.#name) || this.#name.startsWith(prompt.host) ? prompt : undefined;
  }

  /** Whether the device waits for a key to show the next page. */
  get atPager(): boolean {
    const { text, cursorAtEnd } = this.#screen.current;
    return cursorAtEnd && isPager(this.#platform, text);
  }

  /** From now on this is how its prompt looks. */
  learn(prompt: Prompt): void {
    this.#prompt = prompt;
    this.#name = prompt.host.slice(0, nameCharacters);
  }
}

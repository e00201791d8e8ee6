import type { ExchangeListener, ExchangeRequest } from "./exchange-end.ts";
import { KeptBack } from "./kept-back.ts";
import { isError } from "./line-kinds.ts";
import type { Platform } from "./platform.ts";

/** What a command prints, without what is the prompt's and with what a comment's echo has cut in two; and which line of it is an error. */
export class ExchangeOutput {
  readonly #platform: Platform;
  readonly #request: ExchangeRequest;
  readonly #listener: ExchangeListener;
  readonly #kept: KeptBack;
  #broken = "";
  #lines = 0;
  #error: string | undefined;

  constructor(platform: Platform, request: ExchangeRequest, listener: ExchangeListener) {
    this.#platform = platform;
    this.#request = request;
    this.#listener = listener;
    this.#kept = new KeptBack(platform);
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /** The first line that says that the command failed. */
  get error(): string | undefined {
    return this.#error;
  }

  /** A finished line; `continues`: the next one goes on with it. */
  add(line: string, continues: boolean): void {
    const whole = this.#broken + line;
    this.#broken = "";
    if (continues) {
      this.finish();
      this.#emit(whole, "");
      return;
    }
    for (const one of this.#kept.add(whole)) this.#emit(one, "\n");
  }

  /** The beginning of a line of which the rest comes later. */
  brokenOff(start: string): void {
    this.#broken += start;
  }

  /** What was broken off was no output. */
  whole(): void {
    this.#broken = "";
  }

  /** No prompt follows any more: what was kept back for it is output. */
  finish(): void {
    for (const line of this.#kept.take()) this.#emit(line, "\n");
  }

  #emit(line: string, end: string): void {
    this.#lines += 1;
    if (this.#error === undefined && this.#saysError(line)) this.#error = line.trim();
    this.#listener.onOutput(line + end);
  }

  #saysError(line: string): boolean {
    return isError(this.#platform, line) || this.#request.refusals?.some((one) => one.test(line)) === true;
  }
}

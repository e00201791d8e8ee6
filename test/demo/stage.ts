import process from "node:process";
import { monotonicMs } from "../../src/base/index.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import type { PrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import type { TestServer } from "../helpers/servers/index.ts";

/** Lines of a reply that are shown; the rest is counted. */
const shownLines = 8;

/** Longer than any command of the demo, so that a hang is told as one. */
const callLimitMs = 60_000;

const colours = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
const paint = (code: number, text: string): string => (colours ? `\u001B[${code}m${text}\u001B[0m` : text);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** An agent at work on one host, every call, reply and check printed for a person to follow. */
export class Stage {
  readonly host: TestServer;
  readonly #place: PrivatePlace;
  readonly #startedMs = monotonicMs();
  #server: Holdfast;
  #scenes = 0;
  #passed = 0;
  readonly #failed: string[] = [];

  private constructor(host: TestServer, place: PrivatePlace, server: Holdfast) {
    this.host = host;
    this.#place = place;
    this.#server = server;
  }

  /** Starts a Holdfast server that knows `host` only. */
  static async raise(host: TestServer, place: PrivatePlace): Promise<Stage> {
    return new Stage(host, place, await Holdfast.start(place));
  }

  scene(title: string, explanation: string): void {
    this.#scenes += 1;
    say(`\n${paint(1, `${this.#scenes}. ${title}`)}\n   ${paint(2, explanation)}`);
  }

  /** Something that happens beside the agent. */
  event(text: string): void {
    say(`   ${paint(33, `⚡ ${text}`)}`);
  }

  async call(tool: string, args: Record<string, unknown>): Promise<Reply> {
    say(`   ${paint(36, "→")} ${tool} ${JSON.stringify(args)}`);
    const startedMs = monotonicMs();
    const reply = await this.#server.call(tool, args, callLimitMs);
    const tookMs = monotonicMs() - startedMs;
    const [first = "", ...rest] = reply.text.trimEnd().split("\n");
    say(`   ${paint(36, "←")} ${first}  ${paint(2, `(${tookMs.toFixed(0)} ms)`)}`);
    for (const line of rest.slice(0, shownLines)) say(`     ${line}`);
    if (rest.length > shownLines) say(paint(2, `     ... ${rest.length - shownLines} more lines, not shown here`));
    return reply;
  }

  run(command: string, more: Record<string, unknown> = {}): Promise<Reply> {
    return this.call("ssh_run", { on: this.host.alias, command, ...more });
  }

  /** Calls what the reply proposes as the next call, until the command has ended; returns all that it printed to stdout. */
  async follow(first: Reply): Promise<{ readonly last: Reply; readonly stdout: string }> {
    let last = first;
    let stdout = first.stdout;
    while (last.next !== undefined) {
      last = await this.call(last.next.tool, { ...last.next.args, wait_s: 30 });
      stdout += last.stdout;
    }
    return { last, stdout };
  }

  check(what: string, holds: boolean): void {
    say(`   ${holds ? paint(32, "✔") : paint(31, "✘")} ${what}`);
    if (holds) this.#passed += 1;
    else this.#failed.push(`${this.#scenes}. ${what}`);
  }

  async killServer(): Promise<void> {
    await this.#server.kill();
  }

  async startServerAgain(): Promise<void> {
    this.#server = await Holdfast.start(this.#place);
  }

  async leave(): Promise<void> {
    await this.#server.stop();
  }

  /** Prints the summary; true when every check held. */
  summary(): boolean {
    const seconds = ((monotonicMs() - this.#startedMs) / 1000).toFixed(1);
    say(`\n${this.#passed} checks passed, ${this.#failed.length} failed, ${seconds} s`);
    for (const what of this.#failed) say(`  ${paint(31, "✘")} ${what}`);
    return this.#failed.length === 0 && this.#passed > 0;
  }
}

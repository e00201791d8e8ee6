import { oneLine } from "../../base/index.ts";

/** What is kept: more was never tried, and one line says what went wrong. */
const mostTried = 20;
const keptLines = 8;
const longestLine = 300;

/** Methods that a server may name, and how long their names may be; it may send anything. */
const shownMethods = 12;
const shownMethodLength = 40;

/** An unfinished line is cut at this length. */
const longestUnfinished = 16 * 1024;

/** The label that our agent gave to the key, or the path of a file. */
function offeredKey(text: string): string {
  return oneLine(/^(.*) \S+ SHA256:\S+/.exec(text)?.[1] ?? text, 200);
}

/** Reads what ssh writes to stderr during a login: what it tries, what the server would take, and its last words. */
export class MasterLog {
  readonly tried: string[] = [];
  readonly #last: string[] = [];
  #unfinished = "";
  #refusals = 0;
  #accepted: readonly string[] = [];
  #authenticated = false;
  #listening = false;

  add(text: string): void {
    if (this.#listening) return;
    const lines = (this.#unfinished + text).split(/\r?\n/);
    this.#unfinished = (lines.pop() ?? "").slice(-longestUnfinished);
    for (const line of lines) this.#read(line);
  }

  /** From now on nothing of it matters. */
  stop(): void {
    this.#listening = true;
    this.#unfinished = "";
  }

  /** The server has let us in. */
  get authenticated(): boolean {
    return this.#authenticated;
  }

  /** What the server said last that it would take. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  /** The server has turned nothing down but the question what it would take. */
  get neverRefused(): boolean {
    return this.#refusals <= 1;
  }

  /** ssh's last words that are meant for people: the last of them first. */
  get complaints(): readonly string[] {
    return [this.#unfinished, ...this.#last.toReversed()]
      .map((line) => oneLine(line, longestLine))
      .filter((line) => line !== "");
  }

  #read(line: string): void {
    const debug = /^debug\d: (.*)$/.exec(line)?.[1];
    if (debug === undefined) this.#readMessage(line);
    else this.#readDebug(debug);
  }

  #readMessage(line: string): void {
    if (line.startsWith("Authenticated to ")) this.#authenticated = true;
    if (/^Authenticated using "[^"]*" with partial success/.test(line)) this.#annotate("accepted, but not enough");
    this.#last.push(line);
    if (this.#last.length > keptLines) this.#last.shift();
  }

  #readDebug(line: string): void {
    const methods = /^Authentications that can continue: (.*)$/.exec(line)?.[1]?.split(",");
    if (methods !== undefined) {
      this.#refusals += 1;
      this.#accepted = methods.slice(0, shownMethods).map((name) => oneLine(name, shownMethodLength));
    }
    const method = /^Next authentication method: (.*)$/.exec(line)?.[1];
    if (method !== undefined && method !== "publickey") this.#try(oneLine(method, shownMethodLength));
    const key = /^Offering public key: (.*)$/.exec(line)?.[1] ?? /^Trying private key: (.*)$/.exec(line)?.[1];
    if (key !== undefined) this.#try(offeredKey(key));
  }

  /** The key that was offered last could not sign. */
  couldNotTry(why: string): void {
    this.#annotate(oneLine(why, 100));
  }

  #annotate(how: string): void {
    const last = this.tried.pop();
    if (last !== undefined) this.tried.push(`${last} (${how})`);
  }

  #try(what: string): void {
    if (this.tried.length < mostTried) this.tried.push(what);
  }
}

import type { Readable, Writable } from "node:stream";
import { ReadStream } from "node:tty";

/** More than any password; what is pasted beyond is dropped. */
const longestLine = 4_096;

/** What came of asking for a line: `left` is Ctrl+C, `refused` Ctrl+D, `over` the signal. */
export type TypedLine =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "left" }
  | { readonly kind: "refused" }
  | { readonly kind: "over" };

interface TypedLineParts {
  readonly input: Readable;
  readonly output: Writable;
  readonly label: string;
  /** Nothing of it is shown. */
  readonly hidden: boolean;
  readonly signal: AbortSignal;
}

/** Does `work` while the terminal shows nothing by itself and gives each key at once; it is as before when that is done. */
export async function withSilentTerminal<T>(input: Readable, work: () => Promise<T>): Promise<T> {
  if (!(input instanceof ReadStream)) return work();
  input.setRawMode(true);
  try {
    return await work();
  } finally {
    input.setRawMode(false);
  }
}

/** Reads one line that a person types at a silent terminal, shown or not. */
export function readTypedLine({ input, output, label, hidden, signal }: TypedLineParts): Promise<TypedLine> {
  if (signal.aborted) return Promise.resolve({ kind: "over" });
  return new Promise((resolve) => {
    const line = new EditedLine();
    const finish = (outcome: TypedLine): void => {
      input.off("data", onData).off("end", onEnd).pause();
      signal.removeEventListener("abort", onAbort);
      output.write("\n");
      resolve(outcome);
    };
    const onData = (chunk: Buffer | string): void => {
      for (const character of chunk.toString()) {
        const outcome = line.take(character);
        if (outcome !== undefined) {
          finish(outcome);
          return;
        }
      }
      if (!hidden) output.write(`\r\u001B[K${label}${line.text}`);
    };
    const onEnd = (): void => finish({ kind: "left" });
    const onAbort = (): void => finish({ kind: "over" });
    input.setEncoding("utf8");
    signal.addEventListener("abort", onAbort, { once: true });
    input.on("data", onData).on("end", onEnd).resume();
    output.write(label);
  });
}

/** A line as keys make it: backspace, Ctrl+U, Ctrl+W; other control characters and escape sequences count for nothing. */
class EditedLine {
  #characters: string[] = [];
  #escape: "none" | "begun" | "within" = "none";

  get text(): string {
    return this.#characters.join("");
  }

  take(character: string): TypedLine | undefined {
    if (this.#inEscape(character)) return undefined;
    switch (character) {
      case "\r":
      case "\n":
        return { kind: "line", text: this.text };
      case "\u0003":
        return { kind: "left" };
      case "\u0004":
        return { kind: "refused" };
      case "\u007F":
      case "\b":
        this.#characters.pop();
        return undefined;
      case "\u0015":
      case "\u0017":
        this.#characters = [];
        return undefined;
      default:
        if (character >= " " && this.text.length < longestLine) this.#characters.push(character);
        return undefined;
    }
  }

  /** Arrows and their like: ESC, or ESC [ and O up to a letter or tilde. */
  #inEscape(character: string): boolean {
    if (character === "\u001B") {
      this.#escape = "begun";
      return true;
    }
    if (this.#escape === "none") return false;
    const opens = this.#escape === "begun" && (character === "[" || character === "O");
    if (opens) this.#escape = "within";
    else if (this.#escape === "begun" || /[A-Za-z~]/.test(character)) this.#escape = "none";
    return true;
  }
}

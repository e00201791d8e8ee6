const newline = 0x0a;

/** A line of input: its text, or only that it was longer than allowed. */
export type InputLine = { readonly kind: "text"; readonly text: string } | { readonly kind: "too_long" };

/** Puts lines together from chunks as they come, holding at most `limitBytes` of an unfinished one. */
export class LineAssembler {
  readonly #limitBytes: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #skipping = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The lines that `chunk` completes, in order, without their newlines. */
  add(chunk: Uint8Array): readonly InputLine[] {
    const lines: InputLine[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, at));
      lines.push(this.#finish());
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  #keep(part: Uint8Array): void {
    if (this.#skipping || part.length === 0) return;
    this.#sizeBytes += part.length;
    this.#chunks.push(part);
    if (this.#sizeBytes <= this.#limitBytes) return;
    this.#skipping = true;
    this.#chunks = [];
  }

  #finish(): InputLine {
    const line: InputLine = this.#skipping
      ? { kind: "too_long" }
      : { kind: "text", text: Buffer.concat(this.#chunks).toString("utf8") };
    this.#chunks = [];
    this.#sizeBytes = 0;
    this.#skipping = false;
    return line;
  }
}

import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { ProgressBar } from "./progress-bar.ts";

/** What a bar writes to a terminal that is so wide; undefined: it does not say. */
function written(columns: number | undefined, use: (bar: ProgressBar) => void): string {
  const output = Object.assign(new PassThrough(), { columns });
  use(new ProgressBar(output));
  return String(output.read() ?? "");
}

const line = (columns: number | undefined, message: string): string =>
  written(columns, (bar) => bar.show(message)).replace("\r\u001B[K", "");

describe("the progress bar", () => {
  it("draws the share that the message begins with, in eighths of a cell", () => {
    expect(line(80, "0% · 0 B of 1.0 GB")).toBe(`[${" ".repeat(30)}] 0% · 0 B of 1.0 GB`);
    expect(line(80, "50% · half")).toBe(`[${"█".repeat(15)}${" ".repeat(15)}] 50% · half`);
    expect(line(80, "34% · x")).toBe(`[${"█".repeat(10)}▎${" ".repeat(19)}] 34% · x`);
    expect(line(80, "100% · all")).toBe(`[${"█".repeat(30)}] 100% · all`);
    expect(line(80, "250% · too much")).toBe(`[${"█".repeat(30)}] 250% · too much`);
  });

  it.each([1, 2, 10, 20, 40, 79, 80, 200])(
    "never fills a line of %i columns, which would begin a new one",
    (columns) => {
      const message = "34% · 340 MB of 1.0 GB · 52.0 MB/s · 13 s left · 120 of 2,000 files";
      for (const text of [message, "7% · x", "no share at all", ""]) {
        expect(line(columns, text).length).toBeLessThan(Math.max(columns, 1));
      }
    },
  );

  it("gives the message the room where there is too little for both", () => {
    expect(line(20, "34% · 340 MB of 1.0 GB")).toBe("34% · 340 MB of 1.0");
    expect(line(80, "waiting for the host")).toBe("waiting for the host");
  });

  it("takes 80 columns where the terminal does not say, and for nonsense", () => {
    for (const columns of [undefined, 0, -3]) {
      expect(line(columns, "50% · half")).toHaveLength("[".length + 30 + "] 50% · half".length);
    }
  });

  it("writes over its line, and takes away only what it has shown", () => {
    expect(written(80, (bar) => bar.clear())).toBe("");
    const text = written(80, (bar) => {
      bar.show("1% · a");
      bar.show("2% · b");
      bar.clear();
      bar.clear();
    });
    expect(text.split("\r\u001B[K")).toHaveLength(4);
    expect(text.endsWith("\r\u001B[K")).toBe(true);
    expect(text).not.toContain("\n");
  });
});

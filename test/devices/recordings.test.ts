import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isPager, LineScreen, PlatformBook } from "../../src/devices/index.ts";
import { terminalLines } from "./terminal-lines.ts";

/** Sessions recorded from FRRouting, login shells and others: the bytes as they came (one character each) and the width. */
const directory = new URL("../fixtures/devices/recordings/", import.meta.url);
const recording = z.object({ columns: z.number(), received: z.array(z.string()) });
const recordings = readdirSync(directory).map((file) => {
  const { columns, received } = recording.parse(JSON.parse(readFileSync(new URL(file, directory), "utf8")));
  return { name: file.replace(".json", ""), columns, chunks: received.map((text) => Buffer.from(text, "latin1")) };
});

const everyPlatform = (await new PlatformBook("/nonexistent").all()).map(({ platform }) => platform);
const platforms = everyPlatform.filter(({ name }) => name === "frr_vtysh" || name === "generic");

/** A full-screen program draws rows, not lines. */
const fullScreen = new Set(["shell-tmux"]);

function replay(columns: number, chunks: readonly Uint8Array[]): readonly string[] {
  const screen = new LineScreen(columns);
  const lines = chunks.flatMap((chunk) => screen.feed(chunk).map(({ text }) => text));
  return [...lines, screen.current.text];
}

describe("recorded sessions", () => {
  it("are there", () => {
    expect(recordings.length).toBeGreaterThanOrEqual(38);
  });

  it.each(recordings)("$name: no control characters and no pager are left", ({ columns, chunks }) => {
    for (const line of replay(columns, chunks)) {
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(line).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
      expect(platforms.filter((platform) => isPager(platform, line)).map(({ name }) => [name, line])).toEqual([]);
      expect(line).not.toMatch(/--More--|\(END\)/);
    }
  });

  it.each(recordings)("$name: the same, wherever the stream is split", ({ columns, chunks }) => {
    const whole = Buffer.concat(chunks);
    const bytes = [...whole].map((byte) => Uint8Array.of(byte));
    expect(replay(columns, bytes)).toEqual(replay(columns, [whole]));
  });

  it.each(recordings.filter(({ name }) => !fullScreen.has(name)))(
    "$name: as a terminal shows it",
    async ({ columns, chunks }) => {
      expect(replay(columns, chunks).map((line) => line.trimEnd())).toEqual(await terminalLines(columns, chunks));
    },
  );
});

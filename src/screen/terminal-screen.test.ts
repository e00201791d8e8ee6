import { describe, expect, it } from "vitest";
import { processorMs } from "../base/index.ts";
import { openScreen } from "./terminal-screen.ts";

const size = { columns: 20, rows: 4 };

async function drawn(text: string): Promise<Awaited<ReturnType<typeof openScreen>>["view"]> {
  const screen = await openScreen(size);
  // A byte at a time: characters and sequences come in pieces.
  for (const byte of Buffer.from(text)) await screen.draw(Uint8Array.of(byte));
  const { view } = screen;
  screen.close();
  return view;
}

describe("a terminal's screen", () => {
  it("has rows, a cursor and a title", async () => {
    const view = await drawn("\u001B]0;my title\u0007one\r\nzwölf\u001B[1;31m red\u001B[0m\r\n");
    expect(view.rows.map(({ text }) => text)).toEqual(["one", "zwölf red", "", ""]);
    expect(view).toMatchObject({ cursor: { row: 3, column: 1 }, title: "my title", alternate: false });
  });

  it("has every character whole, in whatever pieces its bytes come", async () => {
    const characters = ["– “x” • …", "「日」、", "🀄 👩\u200D🚀", "\u{10000}"];
    expect((await drawn(characters.join("\r\n"))).rows.map(({ text }) => text)).toEqual(characters);
  });

  it("tells rows that go on, the alternate screen and the keys that a program wants", async () => {
    const wrapped = await drawn("a".repeat(30));
    expect(wrapped.rows.slice(0, 2)).toEqual([
      { text: "a".repeat(20), wrapped: false },
      { text: "a".repeat(10), wrapped: true },
    ]);
    const full = await drawn("before\u001B[?1049h\u001B[?1h\u001B[2J\u001B[2;5Hhere");
    expect(full).toMatchObject({ alternate: true, applicationCursor: true, cursor: { row: 2, column: 9 } });
    expect(full.rows[1]?.text).toBe("    here");
    expect((await drawn("before\u001B[?1049hx\u001B[?1049l")).rows[0]?.text).toBe("before");
  });

  it("does nothing more often than a screen has room for: a host could keep us busy for hours with 14 bytes", async () => {
    const screen = await openScreen(size);
    const beganMs = processorMs();
    for (const final of ["L", "M", "S", "T", "I", "Z", "b"]) {
      await screen.draw(Buffer.from(`\u001B[Hx\u001B[400000${final}`));
    }
    // Without a bound it takes some 30 s.
    expect(processorMs() - beganMs).toBeLessThan(5_000);
    await screen.draw(Buffer.from("\u001B[H\u001B[2Jabc\u001B[3Sd\u001B[2;1Hx\u001B[2by\u001B[3Lz"));
    expect(screen.view.rows.map(({ text }) => text)).toEqual(["   d", "z", "", ""]);
    screen.close();
  }, 120_000);
});

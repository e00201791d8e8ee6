import { afterAll, beforeAll, expect, it } from "vitest";
import { openScreen } from "../../src/screen/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { makeTempDir } from "../helpers/servers/index.ts";
import { screenScripts, type ScreenScript } from "./screen-scripts.ts";
import { TmuxScreens, type ShownScreen } from "./tmux-screen.ts";

const size = { columns: 40, rows: 12 };
const cleanup = new Cleanup();
let tmux: TmuxScreens;

beforeAll(() => {
  const directory = makeTempDir();
  cleanup.add(() => {
    directory.remove();
  });
  tmux = new TmuxScreens(directory.path);
  cleanup.add(() => {
    tmux.close();
  });
});
afterAll(() => cleanup.run());

async function drawn({ bytes }: ScreenScript): Promise<ShownScreen> {
  const screen = await openScreen(size);
  await screen.draw(bytes);
  const { rows, cursor, alternate } = screen.view;
  screen.close();
  return clamped({ rows: rows.map(({ text }) => text.trimEnd()), cursor, alternate });
}

/** A cursor that stands behind the last column is in it, as long as nothing comes. */
function clamped({ rows, cursor, alternate }: ShownScreen): ShownScreen {
  return { rows, cursor: { row: cursor.row, column: Math.min(cursor.column, size.columns) }, alternate };
}

/** `npm run terminals` plays all; each is a window of tmux's. */
const whole = process.env["HOLDFAST_TERMINALS"] === "full";
const alike = screenScripts.filter(({ otherwise }) => otherwise === undefined);
const played = whole ? alike : alike.filter((_, at) => at % 3 === 0);

it("there are scripts enough", () => {
  expect(alike.length).toBeGreaterThanOrEqual(40);
});

it.each(screenScripts.filter(({ otherwise }) => otherwise !== undefined))(
  "drawn as it should be: $name",
  async (script) => {
    const { rows = {}, cursor: [row, column] = [] } = script.otherwise ?? {};
    const shown = await drawn(script);
    expect(shown.rows).toEqual(Array.from({ length: size.rows }, (_, at) => rows[at + 1] ?? ""));
    expect(shown.cursor).toEqual({ row, column });
  },
);

it.each(played)("drawn as tmux draws it: $name", async (script) => {
  const ours = await drawn(script);
  const theirs = await tmux.draw(
    script.bytes,
    size,
    (shown) => JSON.stringify(clamped(shown)) === JSON.stringify(ours),
  );
  expect(ours).toEqual(clamped(theirs));
});

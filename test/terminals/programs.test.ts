import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../helpers/cleanup.ts";
import { Holdfast } from "../helpers/holdfast.ts";
import { createPrivatePlace } from "../helpers/private-place.ts";
import type { Reply } from "../helpers/reply.ts";
import { startOpenSsh } from "../helpers/servers/index.ts";
import { fewPrograms, otherPrograms, type DrivenProgram, type ProgramStep } from "./programs.ts";
import { TmuxScreens, type ShownScreen } from "./tmux-screen.ts";

const all = process.env["HOLDFAST_TERMINALS"] === "full";
const limitMs = 300_000;
const size = { columns: 100, rows: 30 };
const cleanup = new Cleanup();
let client: Holdfast;
let tmux: TmuxScreens;
let home = "";

beforeAll(async () => {
  const server = await startOpenSsh({ config: ["LogLevel INFO"] });
  cleanup.add(() => server.stop());
  const place = await createPrivatePlace(server.sshConfigFile);
  cleanup.add(() => place.remove());
  home = join(server.directory, "home");
  mkdirSync(home);
  const lines = Array.from({ length: 1_000 }, (_, at) => `number ${at + 1}\t${"wide ".repeat(at % 40)}\n`);
  writeFileSync(join(home, "numbers"), lines.join(""));
  writeFileSync(join(home, "words"), "one\ttab\ntwo 日本語\ndrei\nzwölf\n");
  const paragraphs = Array.from({ length: 60 }, (_, at) => `.PP\n\\fBparagraph ${at}\\fR with some words\n`);
  writeFileSync(join(home, "page.1"), `.TH PAGE 1\n.SH NAME\npage \\- a page\n${paragraphs.join("")}`);
  tmux = new TmuxScreens(server.directory);
  cleanup.add(() => {
    tmux.close();
  });
  client = await Holdfast.start(place);
  cleanup.add(() => client.stop());
  cleanup.add(() => client.call("ssh_close", { all: true }));
  await client.call("ssh_open", { target: server.alias, name: "box" });
  await client.run("box", 'export SESSION_FILES="$_hf_D"');
});
afterAll(() => cleanup.run());

/** The screen that a reply shows, as the other terminal tells it. */
function screenOf({ text }: Reply): ShownScreen {
  const [, head = "", ...rows] = text.split("\n");
  const [, row, column] = /^screen 100x30 · cursor (\d+),(\d+)/.exec(head) ?? [];
  return {
    rows: Array.from({ length: size.rows }, (_, at) => (rows[at] ?? "").trimEnd()),
    // One that stands behind the last column is in it, as long as nothing comes.
    cursor: { row: Number(row), column: Math.min(Number(column), size.columns) },
    alternate: head.includes(" · alternate"),
  };
}

async function bytesOf({ id = "" }: Reply, upTo: number | undefined): Promise<Buffer> {
  const file = `"$SESSION_FILES/BO.${id.split("/")[1] ?? ""}"`;
  const read = upTo === undefined ? `cat ${file}` : `head -c ${upTo} ${file}`;
  const printed = await client.run("box", `${read} | base64 -w 0`, { max_output: 1_000_000 });
  return Buffer.from(printed.stdout, "base64");
}

/** Types, and reads the screen when it shows what it is to show and has come to rest. */
async function shownAfter({ type, shows }: ProgramStep, opened: Reply): Promise<Reply> {
  const command = opened.id;
  if (type !== undefined) await client.call("ssh_input", { command, ...type, wait_s: 1 });
  const read = { command, stream: "screen" };
  const seen = await client.call("ssh_read", { ...read, until: "text", grep: shows, wait_s: 60 });
  if (!new RegExp(shows, "m").test(seen.text)) throw new Error(`${shows} did not come:\n${seen.text}`);
  return client.call("ssh_read", { ...read, until: "idle", wait_s: 3 });
}

async function compared(reply: Reply, opened: Reply): Promise<void> {
  const ours = screenOf(reply);
  const from = reply.next?.tool === "ssh_read" ? Number(reply.next.args["from"]) : undefined;
  const same = (other: ShownScreen): boolean => JSON.stringify(clamped(other)) === JSON.stringify(ours);
  const theirs = await tmux.draw(await bytesOf(opened, from), size, same);
  expect(ours).toEqual(clamped(theirs));
}

function clamped({ rows, cursor, alternate }: ShownScreen): ShownScreen {
  return { rows, cursor: { row: cursor.row, column: Math.min(cursor.column, size.columns) }, alternate };
}

async function drive({ command, steps, leave }: DrivenProgram): Promise<void> {
  const opened = await client.run("box", command, {
    pty: true,
    cols: size.columns,
    rows: size.rows,
    cwd: home,
    env: { HOME: home, LC_ALL: "C.UTF-8" },
    wait_s: 1,
  });
  for (const step of steps) {
    const seen = await shownAfter(step, opened);
    if (all || step === steps.at(-1)) await compared(seen, opened);
  }
  if (leave === undefined) await client.call("ssh_stop", { command: opened.id, escalate: true });
  else await client.call("ssh_input", { command: opened.id, ...leave });
  const ended = await client.call("ssh_read", { command: opened.id, wait_s: 60 });
  expect(ended.state).toMatch(leave === undefined ? /^(?:exit|signal) / : /^exit 0$/);
}

// Four at a time: they wait more than they work.
describe("a program is driven, and its screen is what tmux makes of the same bytes:", () => {
  it.concurrent.each(all ? [...fewPrograms, ...otherPrograms] : fewPrograms)("$name", drive, limitMs);
});

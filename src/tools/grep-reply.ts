import { plainText } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import { replyOf, showCommand } from "./command-reply.ts";
import type { Offsets } from "./first-line.ts";
import type { Redact } from "./gate.ts";
import { LineMatcher, type LinePattern } from "./line-matcher.ts";
import { MatchWindow } from "./match-window.ts";
import { readPieces } from "./output-range.ts";
import type { ShownStreams } from "./render-output.ts";
import { count, type Reply } from "./reply.ts";

/** Output that one call searches (64 MiB): beyond it the reply says where the search ended. */
const searchedBytes = 67_108_864;

interface GrepRequest {
  readonly matcher: LinePattern;
  readonly from: Offsets;
  readonly streams: ShownStreams;
  readonly contextLines: number;
  /** Only the last so many matches. */
  readonly tail: number | undefined;
  readonly maxOutput: number;
  readonly raw: boolean;
  readonly waitsForInput: boolean;
  readonly redact: Redact;
}

interface Found {
  readonly text: string;
  readonly matches: number;
  readonly lines: number;
  readonly searchedTo: number | undefined;
}

/** A command's state with the lines that match an expression. Rejects with `bad_input` when the expression explodes. */
export async function grepReply(command: CommandView, request: GrepRequest): Promise<Reply> {
  const streams: readonly OutputStream[] = request.streams === "both" ? ["stdout", "stderr"] : [request.streams];
  const matcher = new LineMatcher(request.matcher);
  try {
    const state = await showCommand(command, {
      from: { stdout: command.stdoutBytes, stderr: command.stderrBytes },
      maxOutput: request.maxOutput,
      waitsForInput: request.waitsForInput,
      redact: request.redact,
    });
    const found = new Map<OutputStream, Found>();
    for (const stream of streams) found.set(stream, await search(command, stream, matcher, request));
    return replyOf({ ...state, output: [summaryOf(found), textOf(found)].filter((part) => part !== "").join("\n") });
  } finally {
    await matcher.close();
  }
}

async function search(
  command: CommandView,
  stream: OutputStream,
  matcher: LineMatcher,
  request: GrepRequest,
): Promise<Found> {
  const size = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  const from = Math.min(request.from[stream], size);
  const to = Math.min(size, from + searchedBytes);
  const window = new MatchWindow({
    contextLines: request.contextLines,
    tail: request.tail,
    budget: Math.floor(request.maxOutput / 2),
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  for await (const piece of readPieces({ command, stream, from, to })) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    await take(lines, matcher, window, request);
  }
  rest += decoder.decode();
  if (rest !== "") await take([rest], matcher, window, request);
  return { text: window.text(), matches: window.matches, lines: window.lines, searchedTo: to < size ? to : undefined };
}

async function take(
  lines: readonly string[],
  matcher: LineMatcher,
  window: MatchWindow,
  request: GrepRequest,
): Promise<void> {
  if (lines.length === 0) return;
  const clean = lines.map((line) => request.redact(request.raw ? line : plainText(line)));
  window.add(clean, await matcher.match(clean));
}

function summaryOf(found: ReadonlyMap<OutputStream, Found>): string {
  const all = [...found.values()];
  const matches = all.reduce((sum, one) => sum + one.matches, 0);
  const lines = all.reduce((sum, one) => sum + one.lines, 0);
  const ends = [...found].flatMap(([stream, one]) =>
    one.searchedTo === undefined ? [] : [` · searched ${stream} up to byte ${one.searchedTo}; go on from there`],
  );
  return `${count(matches)} of ${count(lines)} lines match${ends.join("")}`;
}

function textOf(found: ReadonlyMap<OutputStream, Found>): string {
  const stdout = found.get("stdout")?.text ?? "";
  const stderr = found.get("stderr")?.text ?? "";
  return stderr === "" ? stdout : `${stdout === "" ? "" : `${stdout}\n`}--- stderr\n${stderr}`;
}

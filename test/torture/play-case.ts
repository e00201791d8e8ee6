import { createHash } from "node:crypto";
import { constants } from "node:os";
import { monotonicMs, timeIsUp, withDeadline } from "../../src/base/index.ts";
import type { CommandState, CommandView, OutputStream, SessionView } from "../../src/sessions/index.ts";
import type { Digest, Outcome, Step, TortureCase } from "./torture-case.ts";

/** For a case that names no limit; no case needs a tenth of it on an idle machine. */
const defaultLimitMs = 30_000;
/** Of each end of a long stream. */
const shownBytes = 100;
/** The largest piece asked for at once. */
const pieceBytes = 4_000_000;

/** Plays all steps; tells the first thing that is wrong, or undefined. */
export async function playCase(session: SessionView, torture: TortureCase): Promise<string | undefined> {
  const limitMs = torture.limitMs ?? defaultLimitMs;
  const done: Outcome[] = [];
  for (const [index, step] of torture.steps.entries()) {
    const where = torture.steps.length === 1 ? "" : `step ${String(index + 1)}: `;
    const outcome = await withDeadline(playStep(session, step, limitMs), limitMs + 5_000);
    if (outcome === timeIsUp) return `${where}hangs`;
    const wrong = difference(step, outcome, done);
    if (wrong !== undefined) return `${where}${wrong}`;
    done.push(outcome);
  }
  if (torture.play === undefined) return undefined;
  const complaint = await withDeadline(torture.play(session), limitMs);
  return complaint === timeIsUp ? "hangs" : complaint;
}

/** Runs one step and collects everything it printed. */
export async function playStep(session: SessionView, step: Step, limitMs: number): Promise<Outcome> {
  const startedAt = monotonicMs();
  const command = await session.run({ command: step.run, ...step.with });
  await step.meanwhile?.(command);
  await command.ended(limitMs);
  const tookMs = monotonicMs() - startedAt;
  const wrong: string[] = [];
  const read: Record<OutputStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  for (const stream of ["stdout", "stderr"] as const) {
    const wanted = step.digests?.[stream];
    if (wanted === undefined) read[stream] = await readAll(command, stream);
    else wrong.push(...unlike(stream, await readDigest(command, stream), wanted()));
  }
  return { command, state: command.state, status: statusOf(command.state), ...read, wrong, tookMs };
}

/** Every byte of a stream that exists now. */
export async function readAll(command: CommandView, stream: OutputStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(command, stream)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function readDigest(command: CommandView, stream: OutputStream): Promise<Digest> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of readPieces(command, stream)) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

function unlike(stream: OutputStream, got: Digest, wanted: Digest): string[] {
  if (got.sizeBytes !== wanted.sizeBytes) {
    return [`${stream} has ${String(got.sizeBytes)} bytes instead of ${String(wanted.sizeBytes)}`];
  }
  return got.sha256 === wanted.sha256 ? [] : [`${stream} has the right size and other bytes`];
}

async function* readPieces(command: CommandView, stream: OutputStream): AsyncGenerator<Uint8Array> {
  const size = (): number => (stream === "stdout" ? command.stdoutBytes : command.stderrBytes);
  let at = 0;
  while (at < size()) {
    const slice = await command.read(stream, at, pieceBytes);
    if (slice.from !== at || slice.bytes.length === 0) {
      const got = `${String(slice.bytes.length)} bytes from ${String(slice.from)}`;
      throw new Error(`asked for ${stream} from ${String(at)}, got ${got}`);
    }
    yield slice.bytes;
    at += slice.bytes.length;
  }
}

function statusOf(state: CommandState): number | undefined {
  if (state.kind === "exited") return state.status;
  if (state.kind !== "signalled" && state.kind !== "stopped") return undefined;
  const number = Object.entries(constants.signals).find(([name]) => name === `SIG${state.signal}`)?.[1];
  return number === undefined ? undefined : 128 + number;
}

function difference(step: Step, outcome: Outcome, earlier: readonly Outcome[]): string | undefined {
  if (outcome.state.kind === "running") {
    return `still running after ${outcome.tookMs.toFixed()} ms, ${streams(outcome)}`;
  }
  if (outcome.state.kind === "lost") return `lost: ${outcome.state.reason}`;
  const wrong = [...outcome.wrong];
  if (step.status !== undefined && outcome.status !== step.status) {
    wrong.push(`status ${JSON.stringify(outcome.state)} instead of ${String(step.status)}`);
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const wanted = step[stream];
    if (wanted === undefined || same(outcome[stream], wanted)) continue;
    wrong.push(`${stream} ${show(outcome[stream])} instead of ${show(wanted)}`);
  }
  if (wrong.length > 0) return `${wrong.join("; ")} (${streams(outcome)})`;
  const complaint = step.check?.(outcome, earlier);
  return complaint === undefined ? undefined : `${complaint} (${streams(outcome)})`;
}

function streams(outcome: Outcome): string {
  return `stdout ${show(outcome.stdout)}, stderr ${show(outcome.stderr)}`;
}

function same(got: Buffer, wanted: string | Uint8Array): boolean {
  return got.equals(Buffer.from(wanted));
}

/** Enough of a stream to recognise it. */
export function show(bytes: string | Uint8Array): string {
  const buffer = Buffer.from(bytes);
  const quoted = (from: number, to: number): string => JSON.stringify(buffer.subarray(from, to).toString("latin1"));
  const size = buffer.length;
  return size <= 2 * shownBytes
    ? quoted(0, size)
    : `${quoted(0, shownBytes)} … ${quoted(size - shownBytes, size)} (${String(size)} bytes)`;
}

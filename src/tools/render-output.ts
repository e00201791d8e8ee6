import { plainText } from "../base/index.ts";
import type { CommandView, OutputStream } from "../sessions/index.ts";
import type { Cleaner } from "./cut-output.ts";
import type { Offsets } from "./first-line.ts";
import type { Redact } from "./gate.ts";
import { endLine, loadStream, neededBy, renderStream, type LoadedStream } from "./render-stream.ts";

/** Which streams a reply shows. */
export type ShownStreams = "both" | OutputStream;

/** What of a command's output goes into a reply, and how. */
export interface OutputRequest {
  readonly command: CommandView;
  /** True when the command had ended before the sizes were read: then nothing more will come. */
  readonly final: boolean;
  readonly from: Offsets;
  readonly streams: ShownStreams;
  /** Characters of output. */
  readonly budget: number;
  /** Keeps escape sequences and carriage returns. */
  readonly raw: boolean;
  readonly redact: Redact;
}

/** Rendered output, and the offsets up to which it has been shown. */
export interface RenderedOutput {
  readonly text: string;
  readonly shown: Offsets;
  readonly whole: boolean;
}

/** The output of a command as text: stdout, then stderr under `--- stderr`, within the budget. Rejects with `output_gone` or `timed_out`. */
export async function renderOutput(request: OutputRequest): Promise<RenderedOutput> {
  const clean: Cleaner = (text) => request.redact(request.raw ? text : plainText(text));
  const [out, err] = await Promise.all([load(request, "stdout", clean), load(request, "stderr", clean)]);
  const needed = { stdout: neededBy(out), stderr: neededBy(err) };
  const share = shareBudget(needed.stdout, needed.stderr, request.budget);
  const [stdout, stderr] = await Promise.all([
    renderStream(out, share.stdout, clean),
    renderStream(err, share.stderr, clean),
  ]);
  return {
    text: stderr === "" ? stdout : `${endLine(stdout)}--- stderr\n${stderr}`,
    shown: { stdout: out.range.to, stderr: err.range.to },
    whole: needed.stdout <= share.stdout && needed.stderr <= share.stderr,
  };
}

/** Splits `budget` between two needs: each gets what it needs up to one half, and what the other leaves. */
function shareBudget(stdout: number, stderr: number, budget: number): Offsets {
  const half = Math.floor(budget / 2);
  if (stdout <= half) return { stdout, stderr: Math.max(0, budget - stdout) };
  if (stderr <= half) return { stdout: Math.max(0, budget - stderr), stderr };
  return { stdout: half, stderr: budget - half };
}

/** A stream that is not wanted is an empty stretch of it. */
function load(request: OutputRequest, stream: OutputStream, clean: Cleaner): Promise<LoadedStream> {
  const { command, streams } = request;
  const size = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  const from = Math.min(request.from[stream], size);
  const to = streams === "both" || streams === stream ? size : from;
  return loadStream(
    { command, stream, from, to },
    {
      final: request.final,
      budget: request.budget,
      clean,
      borders: request.redact.borders,
    },
  );
}

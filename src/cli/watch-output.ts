import { oneLine } from "../base/index.ts";
import type { OpenWatch, WatchWord } from "../daemon/index.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";
import { ShownText } from "./shown-text.ts";
import type { WatchOutcome } from "./watch-screen.ts";

/** Room for what is said beside the output; it may quote what a host has said. */
const longestSaid = 1_000;

interface OutputWatch {
  readonly open: OpenWatch;
  readonly services: CliServices;
  readonly readOnly: boolean;
  /** How many bytes of each stream have been written: where to go on. */
  readonly seen: { stdout: number; stderr: number };
}

/** Writes a command's output as it comes, and feeds it what is typed, until it ends or the person leaves by Ctrl+C. */
export async function watchOutput(watch: OutputWatch): Promise<WatchOutcome> {
  const stopTyping = watch.readOnly ? (): void => undefined : forwardInput(watch);
  try {
    return await show(watch);
  } finally {
    stopTyping();
  }
}

async function show({ open, services, seen }: OutputWatch): Promise<WatchOutcome> {
  const { link } = open;
  const { interrupted, interactive, output, errors } = services;
  const texts = { stdout: new ShownText(), stderr: new ShownText() };
  for (;;) {
    const word = await link.next(interrupted);
    if (word === undefined) return interrupted.aborted ? { kind: "left" } : { kind: "gone", asked: false };
    if ("output" in word) {
      const bytes = Buffer.from(word.output, "base64");
      const sink = word.stream === "stdout" ? output : errors;
      await written(sink, interactive ? texts[word.stream].add(bytes) : bytes);
      seen[word.stream] = word.at + bytes.length;
      link.say({ seen: true });
    } else if ("gone" in word) return { kind: "gone", asked: !word.gone.successor };
    else if ("ended" in word) return { kind: "ended", exitStatus: undefined, ...word.ended };
    else if (remark(word) !== "") await print(errors, remark(word));
  }
}

/** What is said beside the output; "" where nothing is. */
function remark(word: WatchWord): string {
  if ("skipped" in word) return `\n... ${word.skipped} bytes left out ...`;
  if ("said" in word) return oneLine(word.said, longestSaid);
  if ("floor" in word && word.floor === "another") return "Another person types into it.";
  return "failed" in word ? oneLine(word.failed.message, longestSaid) : "";
}

function written(output: CliServices["output"], bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded || bytes.length === 0) resolve();
    else output.write(bytes, () => resolve());
  });
}

function forwardInput({ open, services }: OutputWatch): () => void {
  const { input } = services;
  const onData = (text: string): void => open.link.say({ type: text });
  const onEnd = (): void => open.link.say({ eof: true });
  input.setEncoding("utf8");
  input.on("data", onData).on("end", onEnd);
  return () => {
    input.off("data", onData).off("end", onEnd).pause();
  };
}

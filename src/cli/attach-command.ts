import { HoldfastError, messageOf } from "../base/index.ts";
import { exitCodes, UsageError, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices, FollowedCommand } from "./cli-services.ts";
import { print } from "./print.ts";

/** Bytes fetched at once. */
const pieceBytes = 262_144;

/** Without news, we look again after this time. */
const lookAgainMs = 1_000;

/** `--tail` shows at most this many bytes of what there was. */
const tailBytes = 4_096;

/** `holdfast attach`: a command's output as it comes, and typed lines as its input. */
export const attachCommand: CliCommand = {
  name: "attach",
  usage: "<command> [--tail] [--read-only]",
  summary: "follow a command live, type into it",
  details: [
    "Shows all of its output from the beginning (--tail: the last 4 KB), then what comes. Lines that you type are its input,",
    "Ctrl+D is the end of it (--read-only: neither). Ctrl+C detaches: the command goes on. To interrupt it: holdfast call ssh_stop.",
    "Exit code: the command's own when it ended by itself, 0 after Ctrl+C, else 1. holdfast ls commands shows the ids.",
  ],
  options: { tail: { type: "boolean" }, "read-only": { type: "boolean" } },
  positionals: { least: 1, most: 1 },
  run: attach,
};

async function attach(args: CliArguments, services: CliServices): Promise<number> {
  const [id = ""] = args.positionals;
  if (!/^.+\/[1-9]\d*$/.test(id)) throw new UsageError(`"${id}" is no command id, which look like web1/7`);
  const open = await services.openCommand(id);
  try {
    const stopTyping = args.flags.has("read-only") ? undefined : forwardInput(open.command, services);
    await follow(open.command, args.flags.has("tail"), services);
    stopTyping?.();
    if (open.command.running) {
      await print(services.errors, `\nDetached: ${id} goes on. holdfast attach ${id} --tail`);
      return exitCodes.ok;
    }
    await print(services.errors, open.command.ending);
    return open.command.exitStatus ?? exitCodes.failed;
  } finally {
    await open.close();
  }
}

/** Writes both streams as they grow, until the command has ended and all is out, or the person leaves. */
async function follow(command: FollowedCommand, tail: boolean, services: CliServices): Promise<void> {
  const sinks = [
    { stream: "stdout", output: services.output },
    { stream: "stderr", output: services.errors },
  ] as const;
  const at = { stdout: 0, stderr: 0 };
  if (tail) for (const { stream } of sinks) at[stream] = Math.max(0, command.bytes(stream) - tailBytes);
  const { interrupted } = services;
  while (!interrupted.aborted) {
    // Asked before the sizes: what an ended command has printed is all there.
    const { running } = command;
    let news = false;
    for (const { stream, output } of sinks) {
      if (command.bytes(stream) <= at[stream]) continue;
      const bytes = await command.read(stream, at[stream], pieceBytes);
      at[stream] += bytes.length;
      news ||= bytes.length > 0;
      await write(output, bytes);
    }
    if (!news && !running) return;
    if (!news) await command.changed(lookAgainMs, interrupted);
  }
}

function write(output: CliServices["output"], bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded || bytes.length === 0) resolve();
    else output.write(bytes, () => resolve());
  });
}

/** Feeds what is typed, piece after piece in order; what goes wrong is told and ends it. */
function forwardInput(command: FollowedCommand, services: CliServices): () => void {
  const { input, errors } = services;
  let queue = Promise.resolve();
  const enqueue = (task: () => Promise<void>): void => {
    input.pause();
    queue = queue.then(task).then(
      () => {
        input.resume();
      },
      (thrown: unknown) => {
        stop();
        if (!(thrown instanceof HoldfastError && thrown.code === "stdin_closed")) {
          errors.write(`${messageOf(thrown)}\n`);
        }
      },
    );
  };
  const onData = (text: string): void => enqueue(() => command.input(text));
  const onEnd = (): void => enqueue(() => command.eof());
  const stop = (): void => {
    input.off("data", onData).off("end", onEnd).pause();
  };
  input.setEncoding("utf8");
  input.on("data", onData).on("end", onEnd);
  return stop;
}

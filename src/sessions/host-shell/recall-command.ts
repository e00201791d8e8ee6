import { HoldfastError, Pulse, monotonicMs, shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import type { CommandBook } from "../commands/command-book.ts";
import type { HostCommand } from "../commands/host-command.ts";
import type { OutputStream } from "../session-api.ts";
import { Attachment, type AttachRequest, openingOf } from "./attachment.ts";
import { cutNote, readCut, type Cut } from "./cut-note.ts";
import { look, readEpochs } from "./host-files.ts";
import type { LateOutput } from "./late-output.ts";
import type { Siblings } from "./siblings.ts";
import { SpoolFollower } from "./spool-follower.ts";

/** How long reading an old epoch from its beginning may take. */
const recallTimeoutMs = 30_000;

export interface RecallRequest {
  readonly connection: SshConnection;
  readonly number: number;
  readonly directory: string;
  readonly attach: Pick<AttachRequest, "id" | "base" | "mode">;
  readonly key: string;
  readonly commands: CommandBook;
  readonly siblings: Siblings;
  readonly late: LateOutput;
}

/**
 * A command of an earlier epoch, read again from the host's spools. Rejects with `output_gone` when they are not kept any more, and with
 * `connection_lost` when they could not be read to its end: then it is as unknown as before.
 */
export async function recallCommand(request: RecallRequest): Promise<HostCommand> {
  const beside = await recallSibling(request);
  if (beside !== undefined) return beside;
  const epochs = await readEpochs(request.connection, request.directory);
  const epoch = epochs.findLast((first) => first <= request.number);
  if (epoch === undefined) throw gone(request.number);
  const news = new Pulse();
  const cuts: { readonly stream: OutputStream; readonly cut: Cut }[] = [];
  // Others of that epoch are read on the way, perhaps not to their ends: they are not entered.
  const read = new Map<number, HostCommand>();
  const commandAt = (number: number, at: number): HostCommand => {
    const command = read.get(number) ?? request.commands.unlisted({ number, epoch: at });
    read.set(number, command);
    return command;
  };
  const follower = new SpoolFollower({
    key: request.key,
    commandAt,
    onEnd: (stream, end) => {
      const command = commandAt(end.number, epoch);
      if (end.status !== undefined) command.statusIs(end.status);
      if (end.directory !== undefined) command.directory = end.directory;
      command.streamEnds(stream);
      news.fire();
    },
  });
  const position = { epoch, stdout: 0, stderr: 0 };
  const attachment = await Attachment.open(request.connection, openingOf({ ...request.attach, position }), {
    onHello: () => undefined,
    onLine: (words) => {
      const stream = words[1] === `O.${epoch}` ? "stdout" : "stderr";
      if (words[0] === "cut" && cuts.length < 2) cuts.push({ stream, cut: readCut(words.slice(2)) });
      news.fire();
    },
    onBarrier: (stream, at) => {
      follower.barrier(stream, at);
    },
    onBytes: (stream, bytes) => {
      follower.bytes(stream, bytes);
    },
    onGone: () => {
      news.fire();
    },
  });
  try {
    const command = commandAt(request.number, epoch);
    const deadline = monotonicMs() + recallTimeoutMs;
    while (command.life.running && !attachment.gone && monotonicMs() < deadline) await news.wait(500);
    for (const { stream, cut } of cuts) noteCut(command, stream, cut);
    if (command.life.running) throw interrupted(request.number);
    request.commands.enter(command);
    return command;
  } finally {
    request.late.keep(follower.leave());
    attachment.detach();
  }
}

/** Tells what is missing, if it is this command of the epoch whose stream was cut. */
function noteCut(command: HostCommand, stream: OutputStream, cut: Cut): void {
  const offset = command.streamOffset(stream, cut.sizeBytes);
  const size = stream === "stdout" ? command.stdoutBytes : command.stderrBytes;
  if (offset >= 0 && offset <= size && size > 0) command.life.note(cutNote(stream, offset, cut));
}

/** A command beside the shell: its spools are there, or when it has ended a line with how, which outlives them. */
async function recallSibling(request: RecallRequest): Promise<HostCommand | undefined> {
  const { connection, number, directory } = request;
  const old = `while read -r k x; do [ "$k" != ${number} ] || { echo "$x"; exit; }; done <ends`;
  const script = `cd ${shellWord(directory)} || exit 66; if [ -s bx.${number} ]; then cat bx.${number}; elif [ ! -f BO.${number} ]; then [ ! -f ends ] || ${old}; exit 66; fi`;
  const { status, stdout } = await look(connection, script);
  if (status === 66) return undefined;
  const command = request.commands.at(number, "own");
  const ended = stdout.toString().trim();
  if (ended === "") request.siblings.askAgain();
  else request.siblings.line(["bend", String(number), ...ended.split(" ")]);
  return command;
}

function gone(number: number): HoldfastError {
  return new HoldfastError("output_gone", `the output of command ${number} is no longer kept on the host`, {
    hint: "Run the command again, with its output to a file if it is large",
  });
}

function interrupted(number: number): HoldfastError {
  return new HoldfastError("connection_lost", `command ${number} could not be read again to its end`, {
    hint: "Call again",
  });
}

import { HoldfastError, type Pulse, after, monotonicMs } from "../../base/index.ts";
import type { CommandControls, HostCommand } from "../commands/host-command.ts";
import type { Answers } from "./answers.ts";
import type { FetchChannel } from "./fetch-channel.ts";
import type { HostLink } from "./host-link.ts";
import { escapeLine } from "./host-scripts.ts";

/** Input goes in pieces that fit a pipe in one write (POSIX guarantees 512, Linux and the BSDs take 4,096). */
const inputPieceBytes = 4096;

/** How long one piece may wait for the program to read what came before it. */
const inputTimeoutMs = 10_000;

/** A command whose processes were killed ends within this time, or it is the session shell itself that goes on. */
const shellKillMs = 1_000;

/** How long the host may take to look at a command's processes. */
const evidenceTimeoutMs = 3000;

export interface ControlDeps {
  link(): HostLink;
  readonly files: FetchChannel;
  attach(): Promise<void>;
  background(): readonly number[];
  fed(): Pulse;
  /** The session gets a new stdin, which is the end of file for whoever reads the old one. */
  freshStdin(): void;
  readonly answers: Answers;
  readonly watchers: Map<HostCommand, number>;
}

/** How a command of a host shell reaches its host. */
export function hostControls(deps: ControlDeps): CommandControls {
  return {
    fetch: async (command, stream, offset, limit) => {
      const letter = stream === "stdout" ? "O" : "E";
      const spool = command.epoch === "own" ? `B${letter}.${command.number}` : `${letter}.${command.epoch}`;
      const bytes = await deps.files.read(spool, offset, limit);
      if (bytes !== undefined) return bytes;
      throw new HoldfastError("output_gone", "this part of the output is no longer kept on the host", {
        hint: "Run the command again, with its output to a file if it is large",
      });
    },
    input: async (command, text) => {
      await deps.attach();
      command.stdinUsed = true;
      for (const piece of pieces(text)) await feed(deps, command, piece);
    },
    eof: async (command) => {
      await deps.attach();
      command.stdinUsed = false;
      command.stdinClosed = true;
      if (command.beside) deps.link().send(`z ${command.number}`);
      else deps.freshStdin();
    },
    waitsForInput: async (command) => {
      await deps.attach();
      const { number } = command;
      const answer = await deps.answers.ask(
        `blocked ${number}`,
        () => deps.link().ask(`V ${number}`),
        evidenceTimeoutMs,
      );
      return answer === "yes";
    },
    stop: async (command, signal) => {
      await deps.attach();
      command.life.signalled(signal);
      if (command.beside) deps.link().send(`k ${command.number} ${signal}`);
      else deps.link().send(signal === "INT" ? "I" : `K ${[signal, ...deps.background()].join(" ")}`);
      if (signal === "KILL" && !command.beside) killShellAfter(deps, command);
    },
    watch: (command) => {
      deps.watchers.set(command, (deps.watchers.get(command) ?? 0) + 1);
      return () => {
        const left = (deps.watchers.get(command) ?? 1) - 1;
        if (left > 0) deps.watchers.set(command, left);
        else deps.watchers.delete(command);
      };
    },
  };
}

/** A loop of the session shell's own outlives the processes that it starts: then the shell goes too, and another takes its place. */
function killShellAfter(deps: ControlDeps, command: HostCommand): void {
  after(shellKillMs, () => {
    if (command.life.running) deps.link().send(`X ${command.number}`);
  });
}

/** Sends one piece and waits until the host has written it. */
async function feed(deps: ControlDeps, command: HostCommand, piece: string): Promise<void> {
  const deadline = monotonicMs() + inputTimeoutMs;
  const taken = deps.fed().wait(inputTimeoutMs);
  deps.link().send(`${command.beside ? "j" : "i"} ${command.number} ${escapeLine(piece)}`);
  await taken;
  if (monotonicMs() < deadline) return;
  throw new HoldfastError("timed_out", `${command.id} does not read its input: a piece of it is still waiting`, {
    hint: `See what it does with ssh_read {"command":"${command.id}"}`,
  });
}

/** Text in pieces of at most 4 KB of UTF-8, none of which splits a character. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let piece = "";
  let size = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > inputPieceBytes) {
      found.push(piece);
      piece = "";
      size = 0;
    }
    piece += character;
    size += bytes;
  }
  if (piece !== "") found.push(piece);
  return found;
}

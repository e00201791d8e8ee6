import { HoldfastError, after, withDeadline } from "../../base/index.ts";
import type { CommandControls } from "../commands/command-controls.ts";
import type { HostCommand } from "../commands/host-command.ts";
import { signalYoung } from "../commands/signal-young.ts";
import type { StopSignal } from "../session-api.ts";
import { readSizes, sizesFile } from "../terminals/terminal-sizes.ts";
import { whileAlive } from "../connections/while-alive.ts";
import type { Answers } from "./answers.ts";
import type { HostLink } from "./host-link.ts";
import { escapeLine } from "./host-scripts.ts";
import { outOfReach } from "./out-of-reach.ts";
import type { RunRequests } from "./run-requests.ts";
import type { SideChannels } from "./side-channels.ts";

/** Input goes in pieces that fit a pipe in one write (POSIX guarantees 512, Linux and the BSDs take 4,096). */
const inputPieceBytes = 4096;

/** How long one piece may wait for the program to read what came before it. */
const inputTimeoutMs = 10_000;

/** What the host keeps of the sizes of a terminal is no longer than this (resize.sh). */
const longestSizesBytes = 65_536;

/** A command whose processes were killed ends within this time, on a busy host too, or it is the session shell itself that goes on. */
const shellKillMs = 3_000;

/** How long the host may take to confirm a request: longer than noticing that the connection is dead takes. */
const confirmMs = 8000;

/** A request whose confirmation is lost is made once more, on another connection. */
const confirmAttempts = 2;

/** How long the host may take to end a command at its time limit, before we do. */
const limitGraceMs = 2000;

/** How long the host may take to look at a command's processes. */
const evidenceTimeoutMs = 3000;

/** How long a look at what background jobs still print may take to find out that the connection is dead, and to come back on another. */
const hearLimitMs = 12_000;

export interface ControlDeps {
  link(): HostLink;
  readonly side: Pick<SideChannels, "files" | "lent" | "resize">;
  attach(): Promise<void>;
  background(): readonly number[];
  /** The session gets a new stdin, which is the end of file for the command of this number. False when nobody is there to ask. */
  freshStdin(number: number): boolean;
  readonly answers: Answers;
  requests(): Pick<RunRequests, "confirm">;
  readonly watchers: Map<HostCommand, number>;
}

type ConfirmDeps = Pick<ControlDeps, "attach" | "link" | "answers">;

/** How a command of a host shell reaches its host. */
export function hostControls(deps: ControlDeps): CommandControls {
  return {
    limitGraceMs,
    fetch: async (command, stream, offset, limit) => {
      const lent = deps.side.lent.fetch(command, stream, offset, limit);
      if (lent !== undefined) return lent;
      const letter = stream === "stdout" ? "O" : "E";
      const spool = command.epoch === "own" ? `B${letter}.${command.number}` : `${letter}.${command.epoch}`;
      const bytes = await deps.side.files.read(spool, offset, limit);
      if (bytes !== undefined) return bytes;
      throw new HoldfastError("output_gone", "this part of the output is no longer kept on the host", {
        hint: "Run the command again, with its output to a file if it is large",
      });
    },
    input: async (command, text) => {
      if (await deps.side.lent.input(command, text)) return;
      await deps.attach();
      command.stdinUsed = true;
      for (const piece of pieces(text)) await feed(deps, command, piece);
    },
    eof: async (command) => {
      command.stdinUsed = false;
      const { beside, number } = command;
      await confirmed(deps, () => (beside ? deps.link().send(`z ${number}`) : deps.freshStdin(number)));
      command.stdinClosed = true;
    },
    confirm: (command, limitMs, signal) =>
      deps.link().watched(() => deps.requests().confirm(command.number, limitMs, signal)),
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
    outOfReach: async (command) => {
      await deps.attach();
      const send = (line: string): boolean => deps.link().send(line);
      const found = await outOfReach(deps.answers, send, spared(deps, command));
      return found.map(({ pid }) => pid);
    },
    stop: (command, signal) => stop(deps, command, signal),
    ...terminalControls(deps),
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

function terminalControls(deps: ControlDeps): Required<Pick<CommandControls, "resize" | "sizes">> {
  return {
    resize: async (command, size) => {
      const lent = deps.side.lent.resize(command, size);
      if (lent !== undefined) return lent;
      await deps.attach();
      return deps.side.resize(command, size);
    },
    sizes: async ({ number, hold }) => {
      if (hold.lent !== undefined) return [];
      await deps.attach();
      const bytes = await deps.side.files.read(sizesFile(number), 0, longestSizesBytes);
      return readSizes(bytes?.toString() ?? "");
    },
  };
}

async function stop(deps: ControlDeps, command: HostCommand, signal: StopSignal): Promise<void> {
  command.life.signalled(signal);
  const send = (): boolean => deps.link().send(stopLine(deps, command, signal));
  await confirmed(deps, send);
  if (signal === "INT") signalYoung(command, send);
  if (signal === "KILL" && !command.beside) killShellAfter(deps, command);
}

/** A loop of the session shell's own outlives the processes that it starts: then the shell goes too, and another takes its place. */
function killShellAfter(deps: ControlDeps, command: HostCommand): void {
  after(shellKillMs, () => {
    if (!command.life.running) return;
    confirmed(deps, () => deps.link().send(`X ${spared(deps, command)}`)).catch(() => undefined);
  });
}

/** The request line that signals a command: it says which, so that it can hit no other. */
function stopLine(deps: ControlDeps, { beside, number }: HostCommand, signal: StopSignal): string {
  if (beside) return `k ${number} ${signal}`;
  return signal === "INT" ? `I ${number}` : `K ${[number, signal, ...deps.background()].join(" ")}`;
}

/** A command in the session shell, and the background jobs of earlier ones, which are none of its processes. */
function spared(deps: ControlDeps, { beside, number }: HostCommand): string {
  return [number, ...(beside ? [] : deps.background())].join(" ");
}

/** What the host has told by now is here, if the host can be reached: else what is known stays as it is. */
export async function heardFrom(deps: ConfirmDeps): Promise<void> {
  const heard = confirmed(deps, () => true).catch(() => undefined);
  await withDeadline(heard, hearLimitMs);
}

/**
 * Makes a request that may be made twice and waits until the host has it. Rejects with `connection_lost` when that cannot be known, and as
 * attaching does.
 */
async function confirmed(deps: ConfirmDeps, request: () => boolean): Promise<void> {
  for (let attempt = 1; attempt <= confirmAttempts; attempt += 1) {
    await deps.attach();
    const attachment = await deps.link().writer();
    const asking = deps.answers.pong((line) => request() && deps.link().send(line), confirmMs);
    const answer = await whileAlive(attachment.connection, asking, confirmMs + 1000);
    if (typeof answer === "string") return;
    deps.link().giveUp(attachment);
  }
  throw new HoldfastError("connection_lost", "the host did not confirm the request; whether it has it is unknown", {
    hint: "See what the command does with ssh_read, and call again",
  });
}

/** Sends one piece and waits until the host has written it. */
async function feed(deps: ControlDeps, command: HostCommand, piece: string): Promise<void> {
  const { beside, id, number } = command;
  const attachment = await deps.link().writer();
  const send = (): boolean => deps.link().send(`${beside ? "j" : "i"} ${number} ${escapeLine(piece)}`);
  const taking = deps.answers.ask(`fed ${number}`, send, inputTimeoutMs);
  const taken = await whileAlive(attachment.connection, taking, inputTimeoutMs + 1000);
  if (typeof taken === "string") return;
  if (attachment.gone || attachment.connection.closed) {
    deps.link().giveUp(attachment);
    throw new HoldfastError("connection_lost", `a piece of input was on its way to ${id}; whether it came is unknown`, {
      hint: `See what it printed with ssh_read {"command":"${id}"} before you type it again`,
    });
  }
  throw new HoldfastError("timed_out", `${id} does not read its input: a piece of it is still waiting`, {
    hint: `See what it does with ssh_read {"command":"${id}"}`,
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

import { HoldfastError, shellWord } from "../../base/index.ts";
import type { SshConnection } from "../../ssh/index.ts";
import { look } from "../host-shell/host-files.ts";
import type { TerminalChange, TerminalSize } from "../session-api.ts";
import resize from "./host/resize.sh";

/** What the script says when the command has no terminal any more, and when the host cannot change its size. */
const noTerminal = 3;
const noStty = 4;

/** The sizes that a command's terminal has had, as far as they are known here. */
export class TerminalSizes {
  #began: TerminalSize | undefined;
  #changes: readonly TerminalChange[] | undefined;

  /** `began`: the size that it began with; undefined where that, or whether there is a terminal, is not known yet. */
  constructor(began: TerminalSize | undefined) {
    this.#began = began;
  }

  /** The newest that is known; undefined without a terminal. */
  get newest(): TerminalSize | undefined {
    return this.#changes?.at(-1)?.size ?? this.#began;
  }

  /** The first word counts. */
  beganWith(size: TerminalSize | undefined): void {
    this.#began ??= size;
  }

  /** Others may have changed it meanwhile. */
  forget(): void {
    this.#changes = undefined;
  }

  changed(change: TerminalChange): void {
    this.#changes = [...(this.#changes ?? []), change];
  }

  /** All of them, oldest first; `load` is asked for the changes when they are not known. Rejects as it does. */
  async all(load: () => Promise<readonly TerminalChange[]>): Promise<readonly TerminalChange[]> {
    if (this.#began === undefined) return [];
    this.#changes ??= await load();
    return [{ at: 0, size: this.#began }, ...this.#changes];
  }
}

/**
 * Gives the terminal of command `number` another size, which its host remembers; what runs there is told by WINCH. Rejects with `stdin_closed` when the
 * command has no terminal any more, with `unsupported` where the host cannot, and as looking does.
 */
export async function resizeTerminal(
  connection: SshConnection,
  command: { readonly directory: string; readonly number: number; readonly id: string },
  { columns, rows }: TerminalSize,
): Promise<TerminalChange> {
  const { directory, number, id } = command;
  const script = `set -- ${number} ${columns} ${rows}; cd ${shellWord(directory)} || exit ${noTerminal}\n${resize}`;
  const { status, stdout } = await look(connection, script);
  const at = Number(stdout.toString().trim());
  if (status === 0 && Number.isSafeInteger(at)) return { at, size: { columns, rows } };
  if (status === noStty) {
    throw new HoldfastError("unsupported", `the host has no stty that gives the terminal of ${id} another size`, {
      hint: "Start the command again with the cols and rows that you want",
    });
  }
  throw new HoldfastError("stdin_closed", `the terminal of ${id} is gone`, {
    hint: `See ssh_read {"command":"${id}"}`,
  });
}

/** The file of a session that holds the sizes of a command's terminal. */
export function sizesFile(number: number): string {
  return `bz.${number}`;
}

/** What that file tells: `<offset in the output> <columns> <rows>`, a line each, oldest first. */
export function readSizes(text: string): readonly TerminalChange[] {
  return text.split("\n").flatMap((line) => {
    const [, at, columns, rows] = /^(\d{1,15}) (\d{1,4}) (\d{1,4})$/.exec(line) ?? [];
    return at === undefined ? [] : [{ at: Number(at), size: { columns: Number(columns), rows: Number(rows) } }];
  });
}

import { randomHex, shellWord } from "../../base/index.ts";
import type { TerminalSize } from "../session-api.ts";
import inside from "./host/inside.sh";
import keep from "./host/keep.sh";
import perl from "./host/keeper.pl";
import python from "./host/keeper.py";
import lend from "./host/lend.sh";
import probe from "./host/probe.sh";
import terminal from "./host/terminal.sh";

/** What keeps a terminal on a host, in the order in which they are tried. */
export const keepers = ["script", "python3", "perl"] as const;

export type Keeper = (typeof keepers)[number];

/** Bytes of the word that ends the command's text: no text has it by chance. */
const delimiterBytes = 8;

/** How a host's log shows a command on a terminal: its size, then, from the second line on, what was to run. */
const loggedTerminal = /^: terminal (\d{1,4})x(\d{1,4})( lent)?;[^\n]*\n([^]*)$/;

/** Without comments, which say nothing to the host. */
function bare(script: string): string {
  const lines = script.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  return lines.join("\n");
}

const ways = { script: "", python3: `_hf_py=${shellWord(bare(python))}`, perl: `_hf_pl=${shellWord(bare(perl))}` };

/** The text of a command beside the shell that runs `text` on a terminal of its own, kept on the host by `keeper`: see `host/terminal.sh`. */
export function terminalText(text: string, size: TerminalSize, keeper: Keeper): string {
  return onTerminal(text, { size, mark: "" }, [ways[keeper], `_hf_by=${keeper}`, bare(keep), bare(terminal)]);
}

/** The same where nothing keeps one: it runs on the terminal of the channel that looks for `word` (letters and digits): see `host/lend.sh`. */
export function lentText(text: string, size: TerminalSize, word: string): string {
  return onTerminal(text, { size, mark: " lent" }, [`_hf_t=${word}`, bare(lend)]);
}

function onTerminal(
  text: string,
  { size, mark }: { readonly size: TerminalSize; readonly mark: string },
  lines: readonly string[],
): string {
  const { columns, rows } = size;
  const end = `_hf_${randomHex(delimiterBytes)}`;
  return [
    `: terminal ${columns}x${rows}${mark};(umask 077;cat >"\${0%/*}/bt.\${0##*.}")<<'${end}'`,
    text,
    end,
    `_hf_c=${columns} _hf_l=${rows}`,
    bare(inside),
    ...lines,
  ].join("\n");
}

/** A script that prints what keeps a terminal on its host: one of `keepers`, or `none`. */
export function probeScript(): string {
  return [ways.python3, ways.perl, bare(keep), bare(probe)].join("\n");
}

/** What a host's log tells of a command on a terminal. */
interface LoggedTerminal {
  readonly text: string;
  readonly terminal: TerminalSize;
  /** It is a channel's, and so its connection's. */
  readonly lent: boolean;
}

/** What a host's log tells of a command on a terminal, whose text it has shortened; undefined for any other. */
export function readTerminalText(logged: string): LoggedTerminal | undefined {
  const match = loggedTerminal.exec(logged);
  if (match === null) return undefined;
  const [, columns, rows, lent, rest = ""] = match;
  const [text = ""] = rest.split(/\n_hf_[0-9a-f]{16}(?:\n|$)/);
  return { text, terminal: { columns: Number(columns), rows: Number(rows) }, lent: lent !== undefined };
}

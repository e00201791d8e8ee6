/** What a program has told its terminal that matters to whoever types several lines. */
export interface PasteModes {
  /** It wants to be told what is pasted. */
  readonly bracketedPaste: boolean;
  /** It draws the whole screen. */
  readonly alternate: boolean;
}

/** A line behind the first one that begins with blanks. */
const indentedLine = /\r[ \t]+[^\s]/;

/**
 * Text as a terminal sends it. Several lines are a paste for a program that wants to know and is an editor, or would indent lines of its own: lines
 * that are indented go as they are. Any other gets them one by one, as typed: what reads commands with a line editor, as gdb and sqlite3, would
 * take a paste for one command. What ends a paste cannot be part of it; a newline at the end is Enter.
 */
export function typedText(text: string, { bracketedPaste, alternate }: PasteModes): string {
  const typed = text.replaceAll(/\r?\n/g, "\r");
  const body = typed.replace(/\r$/, "");
  if (!bracketedPaste || !body.includes("\r") || !(alternate || indentedLine.test(body))) return typed;
  return `\u001B[200~${body.replaceAll("\u001B[201~", "")}\u001B[201~${typed.slice(body.length)}`;
}

/** One word for a POSIX shell (also safe in fish and csh for text without `!` and newlines): the only way text enters a command line. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

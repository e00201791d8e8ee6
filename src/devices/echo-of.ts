/**
 * Whether a finished line is what the device shows of a command that was typed: behind anything, for a log line may have come between,
 * without regard to blanks; with words completed, as some do; cut at its left, as others do with a long one.
 */
export function isEchoOf(line: string, command: string, prompt: string): boolean {
  const wanted = bare(command);
  const shown = bare(line);
  if (shown.endsWith(wanted)) return true;
  const start = prompt.trimEnd();
  if (start === "" || !line.startsWith(start)) return false;
  const rest = line.slice(start.length).trim();
  if (rest.startsWith("$")) return wanted.endsWith(bare(rest.slice(1)));
  const typed = command.trim().split(/\s+/);
  const words = rest.split(/\s+/);
  return typed.length === words.length && typed.every((word, at) => words[at]?.startsWith(word) === true);
}

function bare(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

import { Terminal } from "@xterm/headless";

/** What a real terminal shows of these bytes: its lines (rows that it broke are one again), up to the cursor. A bare line feed returns too. */
export async function terminalLines(columns: number, chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  const terminal = new Terminal({
    cols: columns,
    rows: 24,
    scrollback: 10_000,
    allowProposedApi: true,
    convertEol: true,
  });
  for (const chunk of chunks) await new Promise<void>((resolve) => terminal.write(chunk, resolve));
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  for (let row = 0; row <= buffer.baseY + buffer.cursorY; row += 1) {
    const line = buffer.getLine(row);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped === true) lines.push(`${lines.pop() ?? ""}${text}`);
    else lines.push(text);
  }
  terminal.dispose();
  return lines.map((line) => line.trimEnd());
}

/** A reply of the server as a caller reads it: the fields of its first line, then the streams. */
export interface Reply {
  readonly isError: boolean;
  /** All of it, as it came. */
  readonly text: string;
  readonly firstLine: string;
  /** `exit 0`, `running`, `waiting for input`, `signal KILL`, `timed out`, `lost`, `open`; or the code of an error. */
  readonly state: string;
  /** As shown: `1.2 s`. */
  readonly duration: string | undefined;
  /** `web1:/srv/app`. */
  readonly place: string | undefined;
  /** `web1/7`. */
  readonly id: string | undefined;
  /** Every field of the first line that is none of the others. */
  readonly notes: readonly string[];
  readonly next: NextCall | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The call a reply proposes. */
export interface NextCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const stderrMark = "--- stderr\n";

/** Takes a reply apart. What does not have the documented form stays in `text`, and the fields are empty or undefined. */
export function parseReply(text: string, isError: boolean): Reply {
  const lineEnd = text.indexOf("\n");
  const firstLine = lineEnd === -1 ? text : text.slice(0, lineEnd);
  const body = lineEnd === -1 ? "" : text.slice(lineEnd + 1);
  const fields = firstLine.split(" · ");
  const next = fields.find((field) => field.startsWith("next: "));
  const rest = fields.slice(1).filter((field) => field !== next);
  const duration = rest.find((field) => /^\d[\d.,]* (?:ms|s|min|h|d)\b/.test(field));
  const id = rest.find((field) => /^[^\s:/]+\/\d+$/.test(field));
  const place = rest.find((field) => field !== duration && /^[^\s:]+:(?:\?|~|\/)/.test(field));
  return {
    isError,
    text,
    firstLine,
    state: isError ? (firstLine.split(":")[0] ?? "") : (fields[0] ?? ""),
    duration,
    place,
    id,
    notes: rest.filter((field) => field !== duration && field !== id && field !== place),
    next: next === undefined ? undefined : parseNext(next.slice("next: ".length)),
    ...splitStreams(body),
  };
}

function splitStreams(body: string): { stdout: string; stderr: string } {
  if (body.startsWith(stderrMark)) return { stdout: "", stderr: body.slice(stderrMark.length) };
  const mark = body.indexOf(`\n${stderrMark}`);
  if (mark === -1) return { stdout: body, stderr: "" };
  return { stdout: body.slice(0, mark + 1), stderr: body.slice(mark + 1 + stderrMark.length) };
}

function parseNext(text: string): NextCall | undefined {
  const found = /^(?<tool>[a-z_]+) (?<args>\{.*\})$/s.exec(text)?.groups;
  const tool = found?.["tool"];
  const json = found?.["args"];
  if (tool === undefined || json === undefined) return undefined;
  const args = parseObject(json);
  return args === undefined ? undefined : { tool, args };
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

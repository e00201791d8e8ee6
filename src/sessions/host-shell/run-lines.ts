import { wallMs } from "../../base/index.ts";
import type { RunRequest } from "../session-api.ts";
import { escapeLine } from "./host-scripts.ts";
import { markLines } from "./key-mark.ts";

interface Start {
  readonly number: number;
  /** What the shell is to source. */
  readonly text: string;
  readonly request: RunRequest;
  /** Tells this request from another server's for the same number. */
  readonly ticket: string;
  /** The token of the marker that ends it; undefined for a command beside the session shell. */
  readonly token: string | undefined;
  /** Background processes of the session, which a time limit spares. */
  readonly background: readonly number[];
}

/** The request lines that start a command: its key, its time limit, its input and, last, the command itself (see `host/attach.sh`). */
export function runLines({ number, text, request, ticket, token, background }: Start): readonly string[] {
  const stdin = request.stdin === undefined ? "p" : "f";
  const how = token === undefined ? `b ${number} ${ticket}` : `r ${number} ${token} ${ticket}`;
  const input = request.stdin === undefined ? [] : [`n ${number} ${escapeLine(request.stdin)}`];
  const limitMs = request.timeoutMs;
  const limit = limitMs === undefined ? [] : [`t ${[Math.max(1, Math.round(limitMs)), ...background].join(" ")}`];
  return [...markLines(request), ...limit, ...input, `${how} ${stdin} ${wallMs()} ${escapeLine(text)}`];
}

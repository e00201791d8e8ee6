import { messageOf, monotonicMs, timeIsUp, withDeadline } from "../../src/base/index.ts";
import type { SessionBook, SessionView } from "../../src/sessions/index.ts";
import { playCase, playStep, show } from "./play-case.ts";
import { tortureCases } from "./torture-cases.ts";
import type { SessionShell, TortureCase } from "./torture-case.ts";

/** How one case went. */
export interface Played {
  readonly name: string;
  readonly verdict: "right" | "wrong" | "skipped";
  /** What is wrong. */
  readonly complaint: string | undefined;
  readonly tookMs: number;
}

/** For the command that shows that the session still answers. */
const aliveLimitMs = 20_000;
/** Names a part of a case's name: only matching cases are played. For working on one of them. */
const only = process.env["HOLDFAST_TORTURE_ONLY"];

export interface PlayOptions {
  /** What is to carry the session; default: the best that the host offers. */
  readonly carrier?: "connection" | "exec";
  /** Names of cases that ask for more than the carrier promises. */
  readonly skip?: ReadonlySet<string>;
}

/** Plays every case in one session on `target`; a session that does not answer exactly afterwards is replaced, and the case is wrong. */
export async function playAll(
  book: SessionBook,
  target: string,
  shell: SessionShell,
  options: PlayOptions = {},
): Promise<readonly Played[]> {
  const played: Played[] = [];
  const request = { target, ...(options.carrier === undefined ? {} : { carrier: options.carrier }) };
  let session = await book.open(request);
  for (const torture of tortureCases) {
    if (only !== undefined && !torture.name.includes(only)) continue;
    if (isSkipped(torture, shell, options)) {
      played.push({ name: torture.name, verdict: "skipped", complaint: undefined, tookMs: 0 });
      continue;
    }
    const startedAt = monotonicMs();
    const complaint = await complaintOf(session, torture);
    const dead = await deadAfterwards(session);
    const wrong = [complaint, dead].filter((text) => text !== undefined).join("; afterwards: ");
    played.push({
      name: torture.name,
      verdict: wrong === "" ? "right" : "wrong",
      complaint: wrong === "" ? undefined : wrong,
      tookMs: monotonicMs() - startedAt,
    });
    if (dead !== undefined) {
      await withDeadline(book.close(session.name), aliveLimitMs).catch(() => undefined);
      session = await book.open(request);
    }
  }
  return played;
}

function isSkipped(torture: TortureCase, shell: SessionShell, options: PlayOptions): boolean {
  return torture.not?.includes(shell) === true || options.skip?.has(torture.name) === true;
}

async function complaintOf(session: SessionView, torture: TortureCase): Promise<string | undefined> {
  try {
    return await playCase(session, torture);
  } catch (error) {
    return `threw ${messageOf(error)}`;
  }
}

async function deadAfterwards(session: SessionView): Promise<string | undefined> {
  try {
    const alive = await withDeadline(playStep(session, { run: "echo alive" }, aliveLimitMs), aliveLimitMs + 2_000);
    if (alive === timeIsUp) return "the session does not answer";
    const exact = alive.status === 0 && alive.stdout.toString() === "alive\n" && alive.stderr.length === 0;
    return exact
      ? undefined
      : `echo alive gave ${JSON.stringify(alive.state)}, ${show(alive.stdout)}, ${show(alive.stderr)}`;
  } catch (error) {
    return `the session does not answer: ${messageOf(error)}`;
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { listLogs } from "../logs/index.ts";
import { exitCodes, UsageError, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { playLog } from "./play-log.ts";

/** Longer pauses than this say nothing to whoever looks on. */
const defaultIdleLimitS = 5;

/** `holdfast replay`: shows what a log holds, as it came. */
export const replayCommand: CliCommand = {
  name: "replay",
  usage: "<log> [--speed <factor>] [--idle-limit <s>]",
  summary: "play a log of a terminal or of commands",
  details: [
    "<log> is a file, or the end of one's name as holdfast logs shows it, like web1/2026-11-28T09-30-00-terminal-7-a1b2.cast;",
    "a command's id, like web1/7, is its terminal's newest log; a session's name its commands' newest log.",
    "--speed <factor>    2 is twice as fast (1)",
    "--idle-limit <s>    no pause is longer (5)",
    "Ctrl+C ends it. Where standard output is no terminal, everything is written at once, as it came from the host.",
  ],
  options: { speed: { type: "string" }, "idle-limit": { type: "string" } },
  positionals: { least: 1, most: 1 },
  run: replay,
};

async function replay(args: CliArguments, services: CliServices): Promise<number> {
  const [log = ""] = args.positionals;
  const speed = positive(args, "speed", 1);
  const idleLimitS = positive(args, "idle-limit", defaultIdleLimitS);
  await playLog(await pathOf(log, services), { speed, idleLimitS, services });
  return exitCodes.ok;
}

function positive(args: CliArguments, name: string, otherwise: number): number {
  const text = args.values.get(name);
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} takes a number above 0`);
}

async function pathOf(log: string, services: CliServices): Promise<string> {
  if (existsSync(log)) return log;
  const { directory } = await services.logs();
  const [, session, number] = /^(.+)\/(\d+)$/.exec(log) ?? [];
  const files = await listLogs(directory);
  const found =
    files.findLast(({ path }) => path.endsWith(`/${log}`)) ??
    files.findLast((file) =>
      number === undefined
        ? file.session === log && file.name.includes("-commands-")
        : file.session === session && file.name.includes(`-terminal-${number}-`),
    );
  // What is not there is told by whoever opens it.
  return found?.path ?? join(directory, log);
}

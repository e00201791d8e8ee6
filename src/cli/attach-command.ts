import { HoldfastError, oneLine } from "../base/index.ts";
import type { OpenWatch, WatchAsked } from "../daemon/index.ts";
import { daemonPlace, daemonWanted } from "../shim/index.ts";
import { exitCodes, UsageError, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { parseDetachKey } from "./detach-keys.ts";
import { print } from "./print.ts";
import { watchOutput } from "./watch-output.ts";
import { programWindow, watchScreen, type WatchOutcome } from "./watch-screen.ts";

/** `--tail` shows at most this many bytes of what there was; a person is shown more, but no more than they can look back over. */
const tailBytes = 4_096;
const shownTailBytes = 65_536;

/** Whoever does not type for five minutes has gone for a coffee: the agent may go on. */
const defaultGiveBackS = 300;

/** Room for how a command ended, in words. */
const longestEnding = 500;

/** As telnet has it; no shell and few programs want it. */
const defaultDetachKey = "^]";

/** `holdfast attach`: a person looks at a command or a session as it runs, and types into it. */
export const attachCommand: CliCommand = {
  name: "attach",
  usage: "<command|session|target> [--read-only] [--new] [--tail] [--detach-key <key>] [--give-back <s>]",
  summary: "watch a command or session live, take it over from the agent",
  details: [
    "A command: its terminal's screen, or what it prints. A session or target: its newest running command, first those on a terminal;",
    "where nothing runs (or with --new), your login shell on a new terminal there. Of a network device, its own command line.",
    "Typing takes the keyboard: the agent's input is refused until you give it back, leave, or do not type for a while.",
    "On a terminal: Ctrl-] d leaves, Ctrl-] g gives the keyboard back, Ctrl-] t takes it from another person, Ctrl-] Ctrl-] types it.",
    "Otherwise lines that you type are its input, Ctrl+D is the end of it, Ctrl+C leaves. What runs goes on when you leave.",
    "--read-only         only watch: nothing is typed, and the terminal keeps its size",
    "--tail              show only the last 4 KB of what there was",
    "--detach-key <key>  another key than ctrl-], like ctrl-a",
    "--give-back <s>     the keyboard goes back after this time without typing (300; 0: never)",
    "Exit code: the command's own when it ended by itself, 0 when you left, else 1. holdfast ls commands shows the ids.",
  ],
  options: {
    tail: { type: "boolean" },
    "read-only": { type: "boolean" },
    new: { type: "boolean" },
    "detach-key": { type: "string" },
    "give-back": { type: "string" },
  },
  positionals: { least: 1, most: 1 },
  run: attach,
};

async function attach(args: CliArguments, services: CliServices): Promise<number> {
  const [on = ""] = args.positionals;
  const detachKey = parseDetachKey(args.values.get("detach-key") ?? defaultDetachKey);
  const wish = wishOf(on, args, services);
  if (!daemonWanted()) {
    throw new HoldfastError("unsupported", "only the daemon can be attached to, and this process does without", {
      hint: "Who types is settled where both the agent and you come in: unset HOLDFAST_NO_DAEMON, for the agent's client too",
    });
  }
  const { openWatch } = await import("../daemon/index.ts");
  const seen = { stdout: 0, stderr: 0 };
  const look = { services, detachKey, readOnly: wish.readOnly, seen, onScreen: wish.window !== undefined };
  let open = await openWatch(daemonPlace(), services.program, wish);
  let outcome = await lookAt({ ...look, open });
  // Its successor, or one that is started in its place, knows the command as well.
  while (outcome.kind === "gone" && !outcome.asked && !services.interrupted.aborted) {
    await print(services.errors, "The daemon has ended; looking for another one ...");
    open = await openWatch(daemonPlace(), services.program, { ...wish, on: open.opened.id, fresh: false, from: seen });
    outcome = await lookAt({ ...look, open });
  }
  return farewell(outcome, open, services);
}

interface Look {
  readonly open: OpenWatch;
  readonly services: CliServices;
  readonly detachKey: ReturnType<typeof parseDetachKey>;
  readonly readOnly: boolean;
  readonly seen: { stdout: number; stderr: number };
  /** There is a window for the screen of a terminal. */
  readonly onScreen: boolean;
}

async function lookAt(look: Look): Promise<WatchOutcome> {
  const { open, services, readOnly } = look;
  try {
    if (look.onScreen && open.opened.onTerminal) return await watchScreen(look);
    if (services.interactive) await print(services.errors, lineHelp(open, readOnly));
    return await watchOutput(look);
  } finally {
    open.link.close();
  }
}

function wishOf(on: string, args: CliArguments, services: CliServices): WatchAsked {
  const giveBackS = Number(args.values.get("give-back") ?? defaultGiveBackS);
  if (!(giveBackS >= 0)) throw new UsageError("--give-back takes a number of seconds");
  const window = services.interactive ? programWindow(services.output) : undefined;
  const all = window === undefined ? Number.MAX_SAFE_INTEGER : shownTailBytes;
  return {
    on,
    fresh: args.flags.has("new"),
    readOnly: args.flags.has("read-only"),
    tailBytes: args.flags.has("tail") ? tailBytes : all,
    ...(window === undefined ? {} : { window }),
    ...(giveBackS === 0 ? {} : { giveBackMs: giveBackS * 1_000 }),
  };
}

function lineHelp({ opened }: OpenWatch, readOnly: boolean): string {
  const typing = readOnly ? "" : ", Ctrl+D ends its input";
  return `${opened.id} · Ctrl+C leaves it running${typing}`;
}

async function farewell(outcome: WatchOutcome, { opened }: OpenWatch, services: CliServices): Promise<number> {
  const { errors, interactive } = services;
  if (outcome.kind === "ended") {
    await print(errors, oneLine(outcome.ending, longestEnding));
    return outcome.exitStatus ?? exitCodes.failed;
  }
  const tail = opened.onTerminal && interactive ? "" : " --tail";
  if (outcome.kind === "left") {
    await print(errors, `\nDetached: ${opened.id} goes on. holdfast attach ${opened.id}${tail}`);
    return exitCodes.ok;
  }
  await print(errors, `\nThe daemon has ended; ${opened.id} goes on. holdfast attach ${opened.id}${tail}`);
  return exitCodes.failed;
}

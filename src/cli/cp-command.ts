import { version } from "../base/index.ts";
import { exitCodes, type CliArguments, type CliCommand } from "./cli-command.ts";
import type { CliServices } from "./cli-services.ts";
import { print } from "./print.ts";
import { ProgressBar } from "./progress-bar.ts";
import { terminalAsker } from "./terminal-asker.ts";

/** The longest wait that one call takes; a copy that takes longer goes on as a command of its session. */
const longestWaitS = 3_600;

/** `holdfast cp`: copies files between hosts and this machine, with a progress bar on a terminal. */
export const cpCommand: CliCommand = {
  name: "cp",
  usage: "[-r] <from> <to>",
  summary: "copy files and directories between hosts and this machine",
  details: [
    "web1:/var/log/app.log is a file on a host, anything without a host one of this machine.",
    "A final slash of <to> means: into it. What was broken off goes on where it was.",
    "-r, --recursive        directories with all that is in them",
    "--delete               remove from <to> what <from> has not",
    "--exclude <pattern>    leave out names that match; separated by commas",
    "--verify               compare SHA-256 on both sides",
    "--xattrs               access lists and extended attributes, too",
    "--no-resume            begin anew",
  ],
  options: {
    recursive: { type: "boolean", short: "r" },
    delete: { type: "boolean" },
    exclude: { type: "string" },
    verify: { type: "boolean" },
    xattrs: { type: "boolean" },
    "no-resume": { type: "boolean" },
  },
  positionals: { least: 2, most: 2 },
  run: copy,
};

async function copy(args: CliArguments, services: CliServices): Promise<number> {
  const bar = Reflect.get(services.errors, "isTTY") === true ? new ProgressBar(services.errors) : undefined;
  const open = await services.openHost();
  const asker = terminalAsker(services);
  try {
    const reply = await open.host.call({
      name: "ssh_copy",
      args: callArguments(args),
      client: `holdfast ${version}`,
      signal: await stopAtInterrupt(services.interrupted),
      // A person may name any place of their own machine.
      local: { directory: process.cwd(), roots: ["/"] },
      ...(bar === undefined ? {} : { progress: (message: string) => bar.show(message) }),
      ...(asker === undefined ? {} : { asker }),
    });
    bar?.clear();
    await print(reply.isError ? services.errors : services.output, reply.text);
    return reply.isError ? exitCodes.failed : exitCodes.ok;
  } finally {
    bar?.clear();
    await open.close();
  }
}

function callArguments({ positionals, flags, values }: CliArguments): Readonly<Record<string, unknown>> {
  const [from, to] = positionals;
  const switches = (["recursive", "delete", "verify", "xattrs"] as const).filter((name) => flags.has(name));
  const exclude = values
    .get("exclude")
    ?.split(",")
    .filter((pattern) => pattern !== "");
  return {
    from,
    to,
    wait_s: longestWaitS,
    ...Object.fromEntries(switches.map((name) => [name, true])),
    ...(flags.has("no-resume") ? { resume: false } : {}),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** Ctrl+C stops the copy: the reply says how far it came. */
async function stopAtInterrupt(interrupted: AbortSignal): Promise<AbortSignal> {
  const { cancelledByCaller } = await import("../tools/index.ts");
  const stop = new AbortController();
  if (interrupted.aborted) stop.abort(cancelledByCaller);
  else interrupted.addEventListener("abort", () => stop.abort(cancelledByCaller), { once: true });
  return stop.signal;
}

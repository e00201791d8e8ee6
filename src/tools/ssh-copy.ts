import { z } from "zod";
import { HoldfastError, asHoldfastError, monotonicMs } from "../base/index.ts";
import type { CommandView, CopyRequest, RunningCopy } from "../sessions/index.ts";
import { waitLeftMs } from "./await-command.ts";
import { cancelIntent } from "./cancel.ts";
import { defaultMaxOutput, replyOf, showCommand } from "./command-reply.ts";
import { copyEnd } from "./copy-ends.ts";
import { copyWords, outcomeText, progressText } from "./copy-words.ts";
import { localGround } from "./local-ground.ts";
import { asSudoUser, defaultWaitS, sudoUser, waitSeconds } from "./parameters.ts";
import { progressPeriodMs } from "./progress-reporter.ts";
import type { Reply } from "./reply.ts";
import { defineTool, type ToolContext } from "./tool.ts";

/** Patterns of one copy; each is tried on every name. */
const mostPatterns = 100;

const input = () =>
  z.strictObject({
    from: z.string().describe("web1:/path or local path"),
    to: z.string(),
    recursive: z.boolean().optional(),
    resume: z.boolean().optional(),
    verify: z.boolean().optional(),
    delete: z.boolean().optional(),
    xattrs: z.boolean().optional(),
    exclude: z.array(z.string().min(1).max(1_000)).max(mostPatterns).optional(),
    sudo: sudoUser(),
    wait_s: waitSeconds(),
  });

type CopyInput = z.output<ReturnType<typeof input>>;

/** `ssh_copy`: files and directories between hosts and this machine. */
export const sshCopy = defineTool({
  name: "ssh_copy",
  title: "Copy files",
  description: "Copy files or trees between hosts and this machine; resumes. A final slash in `to`: into it.",
  annotations: {},
  input,
  run: copy,
});

async function requestOf(args: CopyInput, { local, roots }: ToolContext): Promise<CopyRequest> {
  const { recursive, resume, verify, xattrs, exclude } = args;
  const sudo = asSudoUser(args.sudo);
  const [from, to] = [copyEnd(args.from), copyEnd(args.to)];
  // The client is asked only where it matters.
  const clientRoots = from.on === undefined || to.on === undefined ? roots : undefined;
  return {
    from,
    to,
    local: await localGround(local, clientRoots),
    ...(recursive === undefined ? {} : { recursive }),
    ...(resume === undefined ? {} : { resume }),
    ...(verify === undefined ? {} : { verify }),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(args.delete === undefined ? {} : { delete: args.delete }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(sudo === undefined ? {} : { sudo }),
  };
}

async function copy(args: CopyInput, context: ToolContext): Promise<Reply> {
  const request = await requestOf(args, context);
  const started = await context.sessions.copies.start(request, interruptOf(context.signal));
  await waitFor(started, waitLeftMs((args.wait_s ?? defaultWaitS) * 1_000, context), context);
  if (started.outcome === undefined && cancelIntent(context.signal) === "interrupt") {
    started.stop();
    await started.ended(stopLimitMs);
  }
  return started.outcome === undefined ? handOver(started, context) : outcomeReply(started);
}

/** Aborts when the caller does not want the copy any more; one that is only gone finds it as a command. */
function interruptOf(signal: AbortSignal): AbortSignal {
  const interrupt = new AbortController();
  const look = (): void => {
    if (cancelIntent(signal) === "interrupt") interrupt.abort();
  };
  if (signal.aborted) look();
  else signal.addEventListener("abort", look, { once: true });
  return interrupt.signal;
}

/** What is on the way when a copy is stopped ends with its channels. */
const stopLimitMs = 5_000;

/** Tells the caller how it goes until it has ended, the wait is over or the caller is gone. */
async function waitFor(copying: RunningCopy, waitMs: number, { signal, progress }: ToolContext): Promise<void> {
  const until = monotonicMs() + waitMs;
  while (copying.outcome === undefined && !signal.aborted) {
    const left = until - monotonicMs();
    if (left <= 0) return;
    await copying.ended(Math.min(progressPeriodMs, left), signal);
    if (copying.outcome === undefined) progress?.(progressText(copying.counts));
  }
}

/** The copy goes on as a command of its session. */
async function handOver(copying: RunningCopy, { redact }: ToolContext): Promise<Reply> {
  let command: CommandView;
  try {
    command = await copying.hold(copyWords);
  } catch (thrown) {
    copying.stop();
    const { message } = asHoldfastError(thrown);
    throw new HoldfastError(
      "timed_out",
      `the copy takes longer than wait_s, and its host keeps no command: ${message}`,
      {
        hint: "Call again with a longer wait_s: it goes on from there",
      },
    );
  }
  await command.changed(firstWordMs);
  return replyOf(await showCommand(command, { maxOutput: defaultMaxOutput, redact }));
}

/** The first progress is on its way to the host and back. */
const firstWordMs = 1_000;

function outcomeReply({ outcome, counts }: RunningCopy): Reply {
  if (outcome === undefined) throw new HoldfastError("internal", "a copy that runs has no outcome");
  const nothing = outcome.error !== undefined && counts.files === 0;
  if (nothing) throw asHoldfastError(outcome.error);
  return { text: outcomeText(outcome, counts), isError: outcome.error !== undefined || counts.failed > 0 };
}

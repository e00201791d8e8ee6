import { HoldfastError, after, renderError, version } from "../base/index.ts";
import type { Reply, ToolHost } from "../tools/index.ts";
import type { CliServices } from "./cli-services.ts";
import { openNearestHost } from "./nearest-host.ts";
import { terminalAsker } from "./terminal-asker.ts";

/** After Ctrl+C a call has this long to say where things stand before the program ends without it. */
const detachLimitMs = 3_000;

/** Calls one tool for a person at a command line. Ctrl+C detaches: what runs goes on, and the reply says how to get back to it. */
export async function callTool(host: ToolHost, name: string, args: unknown, services: CliServices): Promise<Reply> {
  const gone = detached(services.interrupted);
  try {
    const asker = terminalAsker(services);
    const call = host.call({
      name,
      args,
      client: `holdfast ${version}`,
      signal: services.interrupted,
      ...(asker === undefined ? {} : { asker }),
    });
    return await Promise.race([call, gone.reply]);
  } finally {
    gone.cancel();
  }
}

function detached(interrupted: AbortSignal): { readonly reply: Promise<Reply>; cancel(): void } {
  let cancelTimer: () => void = () => undefined;
  let onAbort: () => void = () => undefined;
  const reply = new Promise<Reply>((resolve) => {
    onAbort = () => {
      cancelTimer = after(detachLimitMs, () => resolve(cancelledReply()));
    };
    if (interrupted.aborted) onAbort();
    else interrupted.addEventListener("abort", onAbort, { once: true });
  });
  return {
    reply,
    cancel: () => {
      cancelTimer();
      interrupted.removeEventListener("abort", onAbort);
    },
  };
}

function cancelledReply(): Reply {
  const error = new HoldfastError("cancelled", "the call was given up before it had an answer", {
    hint: "holdfast ls shows what there is; what had been started goes on",
  });
  return { text: renderError(error), isError: true };
}

/** Calls one tool, of the daemon if one runs, else in this process. */
export async function callOnce(name: string, args: unknown, services: CliServices): Promise<Reply> {
  const open = await openNearestHost(services);
  try {
    return await callTool(open.host, name, args, services);
  } finally {
    await open.close();
  }
}

import { createToolHost, type ToolHost } from "../../src/tools/index.ts";
import { Cleanup } from "../helpers/cleanup.ts";
import { openBook, type OpenBook } from "../helpers/open-book.ts";
import { parseReply, type Reply } from "../helpers/reply.ts";
import { startOpenSsh, type TestServer } from "../helpers/servers/index.ts";

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
}

/** The tools of this process, with a real sshd behind them. */
export interface LiveBench {
  readonly server: TestServer;
  readonly place: OpenBook;
  readonly host: ToolHost;
  call(tool: string, args: unknown, options?: CallOptions): Promise<Reply>;
  /** `ssh_run` in the session `box`. */
  run(command: string, more?: Record<string, unknown>): Promise<Reply>;
  /** Starts a command in `box` without waiting for it; its id. */
  start(command: string, more?: Record<string, unknown>): Promise<string>;
  remove(): Promise<void>;
}

/** Starts a server, with lines of its own in its configuration, and opens the session `box` on it. */
export async function openLiveBench(config: readonly string[] = []): Promise<LiveBench> {
  const cleanup = new Cleanup();
  const server = await startOpenSsh({ config });
  cleanup.add(() => server.stop());
  const place = await openBook(server.sshConfigFile);
  cleanup.add(() => place.remove());
  const host = createToolHost({ sessions: place.book });
  const call: LiveBench["call"] = async (name, args, options = {}) => {
    const reply = await host.call({
      name,
      args,
      client: "test 1",
      signal: options.signal ?? new AbortController().signal,
      ...(options.progress === undefined ? {} : { progress: options.progress }),
    });
    return parseReply(reply.text, reply.isError);
  };
  const run: LiveBench["run"] = (command, more = {}) => call("ssh_run", { on: "box", command, ...more });
  cleanup.add(() => call("ssh_close", { all: true }));
  await call("ssh_open", { target: server.alias, name: "box" });
  return {
    server,
    place,
    host,
    call,
    run,
    start: async (command, more = {}) => {
      const reply = await run(command, { background: true, ...more });
      if (reply.id === undefined) throw new Error(reply.text);
      return reply.id;
    },
    remove: () => cleanup.run(),
  };
}

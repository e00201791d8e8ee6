import { createToolHost, type Gate, type Reply } from "../../src/tools/index.ts";
import { MemorySessions, type MemoryCommand, type Program } from "./memory-sessions.ts";

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
}

/** Tools over sessions in memory: what was started, and a way to call. */
export interface ToolBench {
  readonly sessions: MemorySessions;
  readonly commands: MemoryCommand[];
  call(name: string, args: unknown, options?: CallOptions): Promise<Reply>;
}

/** A bench whose commands do what `program` says. */
export function toolBench(program: Program, gate?: Gate): ToolBench {
  const commands: MemoryCommand[] = [];
  const sessions = new MemorySessions((command, request) => {
    commands.push(command);
    program(command, request);
  });
  const host = createToolHost({ sessions, ...(gate === undefined ? {} : { gate }) });
  return {
    sessions,
    commands,
    call: (name, args, options = {}) =>
      host.call({
        name,
        args,
        client: "test 1",
        signal: options.signal ?? new AbortController().signal,
        ...(options.progress === undefined ? {} : { progress: options.progress }),
      }),
  };
}

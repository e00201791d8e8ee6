import { openConfig } from "../../src/config/index.ts";
import { createToolHost, type Gate, type Reply } from "../../src/tools/index.ts";
import { MemorySessions, type MemoryCommand, type Program } from "./memory-sessions.ts";

/** Nobody's settings: tests must not read those of whoever runs them. */
const noSettings = openConfig({ HOLDFAST_CONFIG_DIR: "/nonexistent" });

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
export function toolBench(program: Program, gate?: Gate, config = noSettings): ToolBench {
  const commands: MemoryCommand[] = [];
  const sessions = new MemorySessions((command, request) => {
    commands.push(command);
    program(command, request);
  });
  const host = createToolHost({ sessions, config, ...(gate === undefined ? {} : { gate }) });
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

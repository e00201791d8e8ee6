type Cleanup = () => void;

const pending = new Set<Cleanup>();
let hooked = false;

function runAll(): void {
  for (const cleanup of [...pending].toReversed()) {
    pending.delete(cleanup);
    try {
      cleanup();
    } catch {
      // The process is ending: the remaining cleanups matter more than this one's complaint.
    }
  }
}

function hook(): void {
  process.on("exit", runAll);
  // A test runner ends its workers by signal, which does not count as an exit.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.once(signal, () => {
      runAll();
      process.kill(process.pid, signal);
    });
  }
}

/** Runs the synchronous `cleanup` when the process exits, unless the returned function, which also runs it, was called before. */
export function onExit(cleanup: Cleanup): () => void {
  if (!hooked) {
    hooked = true;
    hook();
  }
  pending.add(cleanup);
  return () => {
    if (pending.delete(cleanup)) cleanup();
  };
}

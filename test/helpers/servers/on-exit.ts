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

/** Runs the synchronous `cleanup` when the process exits, unless the returned function, which also runs it, was called before. */
export function onExit(cleanup: Cleanup): () => void {
  if (!hooked) {
    hooked = true;
    process.on("exit", runAll);
  }
  pending.add(cleanup);
  return () => {
    if (pending.delete(cleanup)) cleanup();
  };
}

import { RunningCalls, serveOverStreams } from "../mcp/index.ts";
import type { OpenToolHost } from "../tools/index.ts";
import { serveAnswers } from "./serve-answers.ts";
import { serveWatching } from "./serve-watching.ts";

/** All that a daemon does for those who have said hello. It is heavy; the daemon itself is not, and loads it when it listens. */
export interface DaemonFace {
  readonly open: OpenToolHost;
  readonly calls: RunningCalls;
  readonly serveOverStreams: typeof serveOverStreams;
  readonly serveAnswers: typeof serveAnswers;
  readonly serveWatching: typeof serveWatching;
}

/** What a daemon serves that has these tools; people can come to their desk from now on. */
export function daemonFace(open: OpenToolHost): DaemonFace {
  open.desk?.welcomeVisitors();
  return { open, calls: new RunningCalls(open.host), serveOverStreams, serveAnswers, serveWatching };
}

export { openDaemonHost } from "./daemon-host.ts";
export { runDaemon } from "./daemon.ts";

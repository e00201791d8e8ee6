export { readCast, type CastEvent, type CastHeader } from "./cast-lines.ts";
export type { CastLog } from "./cast-log.ts";
export { listLogs, type LogFile } from "./list-logs.ts";
export { LogShelf, type LogLimits } from "./log-shelf.ts";

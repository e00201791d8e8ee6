export { cancelledByCaller } from "./cancel.ts";
export type { Catalog, FollowedCommand } from "./catalog.ts";
export type { JsonObject } from "./compact-schema.ts";
export type { AuditEntry, Caller, Gate, GateCall, Verdict } from "./gate.ts";
export { createLazyToolHost, type OpenToolHost } from "./lazy-tool-host.ts";
export type { Reply } from "./reply.ts";
export type { CallOccasion, Tool, ToolAnnotations } from "./tool.ts";
export { createToolHost, type ToolCall, type ToolHost } from "./tool-host.ts";
export { toolTable } from "./tool-table.ts";

export { readAskWaitMs } from "./ask-wait.ts";
export { channelsPerConnection } from "./channels-per-connection.ts";
export type { Environment } from "./environment.ts";
export { configDirectory, ensurePrivateDirectory, stateDirectory } from "./paths.ts";
export { resolveTarget } from "./resolve-target.ts";
export { readSessionLimits, type SessionLimits } from "./session-limits.ts";
export { listConfiguredHosts, sshConfigFiles, type ConfiguredHost } from "./ssh-config-reader.ts";
export type { Origin, Target, TargetOverrides } from "./target.ts";

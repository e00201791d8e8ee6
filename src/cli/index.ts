export type { CliServices, FollowedCommand, Places, ResolvedValue, TrustOffer } from "./cli-services.ts";
export { runCli } from "./run-cli.ts";

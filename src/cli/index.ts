export type { CliServices, KeptSecret, Places, ResolvedValue, TrustOffer } from "./cli-services.ts";
export { runCli } from "./run-cli.ts";

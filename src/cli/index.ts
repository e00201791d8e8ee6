export type { CliServices, DescribedPlatform, KeptSecret, Places, ResolvedValue, TrustOffer } from "./cli-services.ts";
export { runCli } from "./run-cli.ts";

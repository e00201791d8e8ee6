export type {
  ChannelEnd,
  ChannelListener,
  ConnectPlan,
  ExecOptions,
  LocalForward,
  PseudoTerminal,
  SftpSession,
  SftpStat,
  SshChannel,
  SshConnection,
  SshEngine,
  UnknownHostKey,
} from "./engine.ts";
export { createSsh2Engine } from "./ssh2-engine.ts";
export { offerHostKey, type HostKeyOffer, type KnownHostPlace, type TrustReport } from "./trust-host.ts";
export { withExec } from "./with-exec.ts";

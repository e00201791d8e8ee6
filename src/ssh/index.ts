export type {
  ChannelEnd,
  ChannelListener,
  ConnectPlan,
  ExecOptions,
  FirstExec,
  ForwardPoint,
  PersonQuestions,
  PseudoTerminal,
  RemoteForward,
  RemoteStreamOffer,
  SftpSession,
  SftpStat,
  SshChannel,
  SshConnection,
  SshEngine,
  UnknownHostKey,
} from "./engine.ts";
export { createEngine } from "./choose-engine.ts";
export { unspokenAlgorithms } from "./algorithms.ts";
export { describeAddress, describeTarget } from "./describe-target.ts";
export { createOpenSshEngine } from "./openssh-engine.ts";
export { rememberHostKey } from "./own-known-hosts.ts";
export { createSsh2Engine } from "./ssh2-engine.ts";
export { offerHostKey, type HostKeyOffer, type KnownHostPlace, type TrustReport } from "./trust-host.ts";
export { withExec } from "./with-exec.ts";

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
  SshChannel,
  SshConnection,
  SshEngine,
  UnknownHostKey,
  X11Access,
} from "./engine.ts";
export { createEngine } from "./choose-engine.ts";
export { unspokenAlgorithms } from "./algorithms.ts";
export { describeAddress, describeTarget } from "./describe-target.ts";
export { openLentKey, type KeyPlace, type LentKey } from "./lent-key.ts";
export { serveLentKey } from "./serve-lent-key.ts";
export { createOpenSshEngine } from "./openssh-engine.ts";
export type { SftpEntry, SftpFacts, SftpFile, SftpSession } from "./sftp-session.ts";
export { readInOrder } from "./read-in-order.ts";
export { rememberHostKey } from "./own-known-hosts.ts";
export { createSsh2Engine } from "./ssh2-engine.ts";
export { loadSsh2 } from "./ssh2-library.ts";
export { offerHostKey, type HostKeyOffer, type KnownHostPlace, type TrustReport } from "./trust-host.ts";
export { writeInOrder } from "./write-in-order.ts";
export { withExec } from "./with-exec.ts";
export type { X11Settings } from "./x11/local-display.ts";
export { X11Forward } from "./x11/x11-forward.ts";

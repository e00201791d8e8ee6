export { openRoute, type OpenRoute } from "./connections/open-route.ts";
export { createSessionBook } from "./session-book.ts";
export type { SessionBookDeps } from "./session-book-deps.ts";
export type {
  BegunSession,
  CloseReport,
  CommandState,
  CommandView,
  OpenRequest,
  OutputSlice,
  OutputStream,
  RunRequest,
  SessionBook,
  SessionSummary,
  SessionView,
  StopSignal,
  TerminalChange,
  TerminalSize,
  TargetSummary,
} from "./session-api.ts";
export type {
  FileFacts,
  HostFiles,
  ListedDirectory,
  ListedFile,
  ReadFile,
  ReadFileRequest,
  WriteFileRequest,
  WrittenFile,
} from "./files/files-api.ts";
export type { AskerKind, AsksForSecrets, SecretAnswer, SecretQuestion } from "./sudo/secret-question.ts";
export { KnownDevices } from "./devices/known-devices.ts";
export { displayOf } from "./x11/display-of.ts";
export type { TunnelBook, TunnelKind, TunnelRequest, TunnelSummary } from "./tunnels/tunnel-api.ts";
export type {
  CopyCounts,
  CopyEnd,
  CopyOutcome,
  CopyRequest,
  CopyWords,
  LocalGround,
  RunningCopy,
} from "./copy/copy-api.ts";

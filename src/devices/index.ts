export { DeviceTerminal, type DeviceWire } from "./device-terminal.ts";
export { Exchange } from "./exchange.ts";
export type { ExchangeEnd } from "./exchange-end.ts";
export { LineScreen, type CurrentLine, type FinishedLine } from "./line-screen.ts";
export { asksQuestion, asksSecret, askOf, isError, isPager, mayRename, readsOnly } from "./line-kinds.ts";
export type {
  ExecChannel,
  ModeKind,
  Platform,
  PlatformAsk,
  PlatformMode,
  PlatformPager,
  PlatformSetup,
  PlatformSigns,
  PlatformStep,
  PlatformSteps,
} from "./platform.ts";
export { readPrompt, type Prompt } from "./prompt.ts";
export { PlatformBook, readPlatformFile, type KnownPlatform } from "./platform-book.ts";
export { readPlatform } from "./read-platform.ts";
export { lineStart } from "./checked-pattern.ts";
export { recognise, type DeviceEvidence, type Recognition } from "./recognise.ts";
export { asksLogin, confirmPrompt, logIn, type LoggedIn, type LoginAnswer, type LoginAsks } from "./log-in.ts";
export { stepOf, type NamedStep } from "./step-of.ts";
export { typedLines, type TypedLine } from "./typed-lines.ts";
export { describeLine, describePlatform, type PlatformFact } from "./describe-platform.ts";

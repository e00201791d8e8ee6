export {
  openScreen,
  type PaintedScreen,
  type ScreenPart,
  type ScreenRow,
  type ScreenView,
  type TerminalScreen,
} from "./terminal-screen.ts";

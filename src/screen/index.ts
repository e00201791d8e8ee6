export { openScreen, type ScreenRow, type ScreenView, type TerminalScreen } from "./terminal-screen.ts";

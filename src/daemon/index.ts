export { openDaemonHost } from "./daemon-host.ts";
export { runDaemon } from "./daemon.ts";
export { daemonFace, type DaemonFace } from "./daemon-face.ts";
export { openQuestionDesks, type QuestionDesk } from "./question-desk.ts";
export { serveAsDaemon } from "./serve-as-daemon.ts";
export { openWatch, type OpenWatch, type WatchAsked } from "./watch-link.ts";
export { shownQuestion, type ShownQuestion } from "./answer-lines.ts";
export type { WatchWord } from "./watch-words.ts";

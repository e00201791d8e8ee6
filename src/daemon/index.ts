export { openDaemonHost } from "./daemon-host.ts";
export { runDaemon } from "./daemon.ts";
export { openQuestionDesks, type QuestionDesk } from "./question-desk.ts";
export { shownQuestion, type ShownQuestion } from "./answer-lines.ts";

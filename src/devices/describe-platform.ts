import { asksQuestion, asksSecret, isError, isPager } from "./line-kinds.ts";
import type { ExecChannel, Platform, PlatformAsk, PlatformStep } from "./platform.ts";
import { readPrompt } from "./prompt.ts";

/** One thing about a platform, in words. */
export interface PlatformFact {
  readonly about: string;
  readonly text: string;
}

const execWords: Readonly<Record<ExecChannel, string>> = {
  preferred: "taken for single commands: better than its terminal",
  works: "works",
  closes: "one command, then the device ends the connection: not used",
  none: "not there",
  unknown: "not tried",
};

const stepNames = [
  ["enable", "enable"],
  ["disable", "disable"],
  ["configure", "configure"],
  ["exit", "leave config"],
  ["commit", "commit"],
  ["check", "check"],
  ["commitConfirmed", "commit, timed"],
  ["confirm", "confirm"],
  ["revoke", "take back"],
  ["abort", "drop changes"],
  ["save", "keep (by hand)"],
] as const;

/** What a platform file says, as a person wants to read it. */
export function describePlatform(platform: Platform): readonly PlatformFact[] {
  const { aliases, modes, pager, setup, comment, terminal, exec } = platform;
  return [
    ...(aliases.length === 0 ? [] : [{ about: "also called", text: aliases.join(", ") }]),
    ...signFacts(platform),
    ...modes.map((mode) => ({ about: `mode ${mode.name}`, text: `${mode.kind}: ${mode.prompt.source}` })),
    ...stepNames.flatMap(([step, about]) => stepFact(platform.steps[step], about)),
    {
      about: "at the start",
      text: setup.length === 0 ? "nothing is sent" : setup.map(({ command }) => command).join(", "),
    },
    { about: "pager", text: `${counted(pager.patterns, "pattern")}, goes on with ${JSON.stringify(pager.answer)}` },
    { about: "blocks", text: counted(platform.blocks, "form") },
    { about: "errors", text: counted(platform.errors, "pattern") },
    { about: "asks", text: `${counted(platform.questions, "question")}, ${counted(platform.secrets, "secret")}` },
    {
      about: "end of output",
      text: comment === undefined ? "by the prompt: it has no comments" : `by a comment behind "${comment}"`,
    },
    { about: "exec channel", text: execWords[exec] },
    { about: "terminal", text: `${terminal.term}, ${terminal.columns}×${terminal.rows}` },
  ];
}

function counted(list: readonly unknown[], what: string): string {
  return `${list.length} ${what}${list.length === 1 ? "" : "s"}`;
}

function signFacts({ signs }: Platform): readonly PlatformFact[] {
  const named = signs.identification
    .filter(({ decisive }) => decisive)
    .map(({ pattern }) => `identification ${pattern.source}`);
  const others = [
    signs.banner.length > 0 ? "greeting" : "",
    signs.prompt.length > 0 ? "prompt" : "",
    signs.probe?.command ?? "",
  ];
  const all = [...named, ...others].filter((sign) => sign !== "");
  return [{ about: "recognised by", text: all.length === 0 ? "nothing: name it with platform" : all.join(", ") }];
}

function stepFact(step: PlatformStep | undefined, about: string): readonly PlatformFact[] {
  if (step === undefined) return [];
  const asks = step.asks.map(({ answer }) => answerWords(answer));
  return [{ about, text: asks.length === 0 ? step.command : `${step.command} (asks: ${asks.join(", ")})` }];
}

function answerWords(answer: PlatformAsk["answer"]): string {
  if (typeof answer === "object") return `answered with ${JSON.stringify(answer.text)}`;
  if (answer === "secret") return "the enable password";
  return answer === "username" ? "the user's name" : "the agent decides";
}

/** What a platform makes of a line with the cursor (a prompt of two lines has a line feed between them), in words; nothing when it is output to it. */
export function describeLine(platform: Platform, text: string): string | undefined {
  const [line = "", above = ""] = text.split("\n").toReversed();
  const prompt = readPrompt(platform, line, above);
  if (prompt !== undefined) {
    const device = prompt.host === "" ? "" : ` of "${prompt.host}"`;
    return `a prompt${device}, mode ${prompt.mode.name} (${prompt.mode.kind})${prompt.context === "" ? "" : `, at "${prompt.context}"`}`;
  }
  if (isPager(platform, line)) return "a pager";
  if (asksSecret(platform, line)) return "asks for a secret";
  if (asksQuestion(platform, line)) return "asks the agent";
  return isError(platform, line) ? "says that the command failed" : undefined;
}

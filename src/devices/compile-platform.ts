import { checkPattern } from "./checked-pattern.ts";
import { generalPagers, generalQuestions, generalSecrets } from "./general-lines.ts";
import type { Platform, PlatformMode, PlatformSigns, PlatformSteps } from "./platform.ts";
import type { PlatformDocument } from "./platform-schema.ts";

/** The platform that a file describes. */
export function compilePlatform(document: PlatformDocument): Platform {
  const { name, title, aliases, setup, greetings, errors, uncommitted, renames, exec, enter } = document;
  const same = { name, title, aliases, setup, greetings, errors, uncommitted, renames, exec, enter };
  return {
    ...same,
    signs: signsOf(document),
    modes: document.modes.map(modeOf),
    steps: stepsOf(document),
    pager: { ...document.pager, patterns: [...(document.pager.patterns ?? []), ...general(generalPagers)] },
    notErrors: document.not_errors,
    questions: document.questions ?? general(generalQuestions),
    secrets: document.secrets ?? general(generalSecrets),
    pendingPrompt: document.pending_prompt,
    comment: document.comment,
    readOnly: document.read_only,
    blocks: document.blocks.map(({ begin, end, keys }) => ({ begin, end, keys })),
    longestLine: document.longest_line,
    terminal: document.terminal,
    userSuffix: document.user_suffix,
    json: document.json,
  };
}

function modeOf(mode: PlatformDocument["modes"][number]): PlatformMode {
  return { name: mode.name, kind: mode.kind, prompt: mode.prompt, above: mode.above, needsAbove: mode.needs_above };
}

function signsOf({ signs }: PlatformDocument): PlatformSigns {
  return {
    identification: [
      ...signs.identification.map((pattern) => ({ pattern, decisive: true })),
      ...signs.identification_hint.map((pattern) => ({ pattern, decisive: false })),
    ],
    banner: signs.banner,
    prompt: signs.prompt,
    probe: signs.probe,
  };
}

function stepsOf({ steps }: PlatformDocument): PlatformSteps {
  const { commit_confirmed: commitConfirmed, ...others } = steps;
  return { ...others, commitConfirmed };
}

function general(sources: readonly string[]): readonly RegExp[] {
  return sources.flatMap((source) => {
    const checked = checkPattern(source);
    return "pattern" in checked ? [checked.pattern] : [];
  });
}

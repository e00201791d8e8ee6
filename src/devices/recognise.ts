import { oneLine } from "../base/index.ts";
import { lineStart } from "./checked-pattern.ts";
import type { Platform } from "./platform.ts";
import { readPrompt } from "./prompt.ts";

/** What is known of a device so far; each may be absent. */
export interface DeviceEvidence {
  /** The server's identification string, with or without its `SSH-2.0-`. */
  readonly identification?: string;
  /** The banner before the login, and what was printed before the first prompt. */
  readonly greeting?: string;
  /** The line with the cursor when the device waited first, and the line above it. */
  readonly prompt?: string;
  readonly above?: string;
  /** What a probe printed. */
  readonly probed?: string;
}

/** Which platform a device has. */
export interface Recognition {
  readonly platform: Platform;
  /** `certain`: something named it; `likely`: nothing else fits as well; `unknown`: several fit or none, and the platform is the generic one. */
  readonly confidence: "certain" | "likely" | "unknown";
  /** What it was recognised by, in words for a person. */
  readonly reason: string;
  /** Read-only commands whose output would tell more, the best first, at most two. Nothing when it is certain. */
  readonly probes: readonly string[];
}

/** How much each sign counts: what names a platform alone is above `certainFrom`, everything else together is below. */
const weights = { named: 100, banner: 60, prompt: 20, fits: 10, hint: 5 } as const;
const certainFrom = 65;

/** The best one is only likely with this lead: more than a hint, less than a prompt of its own. */
const likelyLead = 10;

/** Harmless elsewhere, but each costs a round trip and a line in somebody's log. */
const mostProbes = 2;

/** Greetings longer than this are no greetings. */
const mostGreetingLines = 400;

/** The name of the platform that takes any CLI. */
const genericName = "generic";

interface Candidate {
  readonly platform: Platform;
  readonly score: number;
  readonly reason: string;
}

interface Sign {
  readonly weight: number;
  readonly reason: string;
}

/** Tells which of the platforms a device has; `platforms` must have the generic one. Types nothing, asks nobody. */
export function recognise(platforms: readonly Platform[], evidence: DeviceEvidence): Recognition | undefined {
  const generic = platforms.find(({ name }) => name === genericName);
  if (generic === undefined) return undefined;
  const candidates = platforms
    .filter((platform) => platform !== generic)
    .map((platform) => candidateOf(platform, evidence))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score);
  const [best, second] = candidates;
  if (best !== undefined && best.score >= certainFrom && best.score > (second?.score ?? 0)) {
    return { platform: best.platform, confidence: "certain", reason: best.reason, probes: [] };
  }
  const probes = probesOf(candidates);
  if (best !== undefined && best.score - (second?.score ?? 0) >= likelyLead) {
    return { platform: best.platform, confidence: "likely", reason: best.reason, probes };
  }
  const some = candidates.slice(0, 3).map(({ platform }) => platform.name);
  const reason = some.length === 0 ? "nothing known fits" : `it could be ${some.join(", ")}`;
  return { platform: generic, confidence: "unknown", reason, probes };
}

function candidateOf(platform: Platform, evidence: DeviceEvidence): Candidate {
  const signs = [
    ...identificationSigns(platform, evidence),
    ...lineSigns(platform.signs.banner, evidence.greeting, { weight: weights.banner, reason: "greeting" }),
    ...lineSigns(platform.signs.probe?.lines ?? [], evidence.probed, {
      weight: weights.named,
      reason: platform.signs.probe?.command ?? "",
    }),
    ...promptSigns(platform, evidence),
  ];
  const score = signs.reduce((sum, { weight }) => sum + weight, 0);
  return { platform, score, reason: signs.map(({ reason }) => reason).join(", ") };
}

function identificationSigns(platform: Platform, { identification = "" }: DeviceEvidence): readonly Sign[] {
  const software = lineStart(identification.replace(/^SSH-[\d.]{1,8}-/, "").trimEnd());
  const found = platform.signs.identification.find(({ pattern }) => software !== "" && pattern.test(software));
  if (found === undefined) return [];
  return [
    { weight: found.decisive ? weights.named : weights.hint, reason: `identification "${oneLine(software, 60)}"` },
  ];
}

function lineSigns(patterns: readonly RegExp[], text: string | undefined, sign: Sign): readonly Sign[] {
  if (text === undefined || patterns.length === 0) return [];
  const lines = text.split(/\r?\n/, mostGreetingLines).map(lineStart);
  const line = lines.find((candidate) => patterns.some((pattern) => pattern.test(candidate)));
  return line === undefined ? [] : [{ ...sign, reason: `${sign.reason} "${oneLine(line, 60)}"` }];
}

function promptSigns(platform: Platform, { prompt, above }: DeviceEvidence): readonly Sign[] {
  if (prompt === undefined) return [];
  const reason = `prompt "${oneLine(prompt, 60)}"`;
  const own = platform.signs.prompt.some((pattern) => pattern.test(lineStart(prompt)));
  if (own) return [{ weight: weights.prompt, reason }];
  // A prompt that the platform cannot show outweighs hints, and nothing that names it.
  return readPrompt(platform, prompt, above) === undefined
    ? [{ weight: -2 * weights.hint, reason: `not its ${reason}` }]
    : [{ weight: weights.fits, reason }];
}

function probesOf(candidates: readonly Candidate[]): readonly string[] {
  const commands = candidates.flatMap(({ platform }) => platform.signs.probe?.command ?? []);
  return [...new Set(commands)].slice(0, mostProbes);
}

import { z } from "zod";
import { checkPattern } from "./checked-pattern.ts";

/** What most platforms take (IOS-XR refuses more than 512), and so large that hardly anything is paged. */
const defaultTerminal = { term: "vt100", columns: 511, rows: 511 };

/** More than any command, prompt or title that is meant. */
const text = z.string().min(1).max(512);

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,39}$/, "use small letters, digits and underscore, beginning with a letter");

/** A regular expression for one line; `{host}` has been replaced before. */
const pattern = z.string().transform((source, context) => {
  const checked = checkPattern(source);
  if ("pattern" in checked) return checked.pattern;
  context.addIssue({ code: "custom", message: checked.fault });
  return z.NEVER;
});

/** More than any platform needs. */
const patterns = z.array(pattern).max(64);

const kind = z.enum(["user", "privileged", "config", "shell", "other"]);

const ask = z.strictObject({
  pattern,
  answer: z.union([z.enum(["secret", "username", "agent"]), z.strictObject({ text: z.string().max(64) })]),
});

const step = z.union([
  text.transform((command) => ({ command, asks: [], refusals: [] })),
  z.strictObject({ command: text, asks: z.array(ask).max(8).default([]), refusals: patterns.default([]) }),
]);

const mode = z.strictObject({
  name,
  kind,
  prompt: pattern,
  above: pattern.optional(),
  needs_above: z.boolean().default(false),
});

const signs = z.strictObject({
  identification: patterns.default([]),
  identification_hint: patterns.default([]),
  banner: patterns.default([]),
  prompt: patterns.default([]),
  probe: z.strictObject({ command: text, lines: patterns.min(1) }).optional(),
});

const steps = z.strictObject({
  enable: step.optional(),
  disable: step.optional(),
  configure: step.optional(),
  exit: step.optional(),
  commit: step.optional(),
  check: step.optional(),
  commit_confirmed: step.optional(),
  confirm: step.optional(),
  revoke: step.optional(),
  abort: step.optional(),
  save: step.optional(),
});

const block = z
  .strictObject({ begin: pattern, end: pattern.optional(), keys: z.string().min(1).max(8).optional() })
  .refine(({ begin, end }) => end !== undefined || begin.source.includes("(?<end>"), {
    message: "say what ends it: a pattern `end`, or a group (?<end>...) in `begin`",
  });

const setup = z.union([
  text.transform((command) => ({ command, modes: [] })),
  z.strictObject({ command: text, modes: z.array(kind).max(5) }),
]);

/** A platform file. Unknown keys are refused; patterns come out compiled. */
export const platformSchema = z.strictObject({
  name,
  title: text,
  aliases: z.array(name).max(16).default([]),
  host: z.string().max(200).optional(),
  signs: signs.default({ identification: [], identification_hint: [], banner: [], prompt: [] }),
  modes: z.array(mode).min(1).max(16),
  steps: steps.default({}),
  pager: z
    .strictObject({
      patterns: patterns.optional(),
      answer: z.string().max(8).default(" "),
      quit: z.string().max(8).default("q"),
    })
    .default({ answer: " ", quit: "q" }),
  setup: z.array(setup).max(16).default([]),
  greetings: z.array(ask).max(8).default([]),
  errors: patterns.default([]),
  not_errors: patterns.default([]),
  questions: patterns.optional(),
  secrets: patterns.optional(),
  uncommitted: patterns.default([]),
  pending_prompt: pattern.optional(),
  comment: z.string().min(1).max(2).optional(),
  read_only: patterns.default([]),
  renames: patterns.default([]),
  blocks: z.array(block).max(16).default([]),
  longest_line: z.number().int().min(40).max(65_536).default(254),
  exec: z.enum(["preferred", "works", "closes", "none", "unknown"]).default("unknown"),
  terminal: z
    .strictObject({
      term: z
        .string()
        .regex(/^[\w.+-]{1,32}$/, "name a kind of terminal, like vt100")
        .default(defaultTerminal.term),
      columns: z.number().int().min(20).max(32_767).default(defaultTerminal.columns),
      rows: z.number().int().min(2).max(32_767).default(defaultTerminal.rows),
    })
    .default(defaultTerminal),
  enter: z.enum(["\r", "\r\n", "\n"]).default("\r"),
  user_suffix: z.string().max(32).default(""),
  json: text.optional(),
});

/** What a platform file says, with everything that it leaves out. */
export type PlatformDocument = z.output<typeof platformSchema>;

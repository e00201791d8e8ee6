/** What a mode is for, whatever the platform calls it. */
export type ModeKind = "user" | "privileged" | "config" | "shell" | "other";

/** One mode of a CLI and how its prompt looks. Patterns are anchored, tried on one line each, and cannot take long. */
export interface PlatformMode {
  readonly name: string;
  readonly kind: ModeKind;
  /** The line with the cursor. Named groups: `host` (the device's name), `context` (what may change from prompt to prompt). */
  readonly prompt: RegExp;
  /** The line above it, where prompts have two; it belongs to the prompt when it matches. */
  readonly above: RegExp | undefined;
  /** Without the line above this mode is not meant. */
  readonly needsAbove: boolean;
}

/** What the CLI asks on the way of a step, and who answers. */
export interface PlatformAsk {
  readonly pattern: RegExp;
  /** `secret`: the enable password; `username`: the name of the login; `agent`: whoever runs the command; else the text to send. */
  readonly answer: "secret" | "username" | "agent" | { readonly text: string };
}

/** One way from mode to mode, or one thing to do with a configuration. */
export interface PlatformStep {
  readonly command: string;
  readonly asks: readonly PlatformAsk[];
  /** Lines that say that the step was refused. */
  readonly refusals: readonly RegExp[];
}

/** What there is to do between modes; what is absent, the platform does not have. */
export interface PlatformSteps {
  /** From `user` to `privileged`. */
  readonly enable?: PlatformStep | undefined;
  readonly disable?: PlatformStep | undefined;
  /** Into configuration mode. */
  readonly configure?: PlatformStep | undefined;
  /** Out of configuration mode; sent again while the prompt still is one of that mode. */
  readonly exit?: PlatformStep | undefined;
  /** Makes changes take effect; where it is absent each line does so itself. */
  readonly commit?: PlatformStep | undefined;
  /** Checks changes without making them take effect. */
  readonly check?: PlatformStep | undefined;
  /** As `commit`, taken back unless `confirm` follows; `{minutes}` or `{seconds}` stands for the time. */
  readonly commitConfirmed?: PlatformStep | undefined;
  readonly confirm?: PlatformStep | undefined;
  /** Takes back at once what waits for `confirm`. */
  readonly revoke?: PlatformStep | undefined;
  /** Drops changes that were not committed. */
  readonly abort?: PlatformStep | undefined;
  /** Keeps the running configuration over a restart: never sent by itself, told to the agent only. */
  readonly save?: PlatformStep | undefined;
}

/** How the CLI stops long output, and how it goes on. */
export interface PlatformPager {
  /** On the line with the cursor. */
  readonly patterns: readonly RegExp[];
  /** Shows the next page. */
  readonly answer: string;
  /** Leaves the pager. */
  readonly quit: string;
}

/** A command of several lines, which the device takes as they are: a banner, a certificate. */
export interface PlatformBlock {
  /** Its first line. A group `end`: the block ends with the next line that has the same. */
  readonly begin: RegExp;
  /** Its last line, where that does not hang on the first. */
  readonly end: RegExp | undefined;
  /** Keys that are sent in the place of that. */
  readonly keys: string | undefined;
}

/** A command to send once after the login; `modes`: only in modes of these kinds (empty: in any). */
export interface PlatformSetup {
  readonly command: string;
  readonly modes: readonly ModeKind[];
}

/** By what a platform is recognised. Each list may be empty. */
export interface PlatformSigns {
  /** The software part of the SSH identification string (`Cisco-1.25`). Decisive ones name this platform alone. */
  readonly identification: readonly { readonly pattern: RegExp; readonly decisive: boolean }[];
  /** A line of the banner or of the text before the first prompt. */
  readonly banner: readonly RegExp[];
  /** The first prompt. */
  readonly prompt: readonly RegExp[];
  /** A read-only command that is harmless elsewhere, and lines of its output that name this platform. */
  readonly probe: { readonly command: string; readonly lines: readonly RegExp[] } | undefined;
}

/** How the platform takes commands on an exec channel. `closes`: one command, then the whole connection ends. */
export type ExecChannel = "preferred" | "works" | "closes" | "none" | "unknown";

/** One network CLI, compiled from its file. */
export interface Platform {
  readonly name: string;
  readonly title: string;
  /** Other names that people know it by. */
  readonly aliases: readonly string[];
  readonly signs: PlatformSigns;
  /** In the order in which they are tried. */
  readonly modes: readonly PlatformMode[];
  readonly steps: PlatformSteps;
  readonly pager: PlatformPager;
  readonly setup: readonly PlatformSetup[];
  /** Asked before the first prompt (licences, "press any key"). */
  readonly greetings: readonly PlatformAsk[];
  /** A line of output that says that the command failed. */
  readonly errors: readonly RegExp[];
  /** Lines that look like errors and are none. */
  readonly notErrors: readonly RegExp[];
  /** On the line with the cursor: a question that is not a secret's. */
  readonly questions: readonly RegExp[];
  /** On the line with the cursor: a password or the like is asked. */
  readonly secrets: readonly RegExp[];
  /** Lines that say that changes are not committed, or ask what to do with them. */
  readonly uncommitted: readonly RegExp[];
  /** A prompt, or the line above it, that shows changes that are not committed; where it is absent, prompts do not tell. */
  readonly pendingPrompt: RegExp | undefined;
  /** Begins a comment, which the CLI echoes and does not run; absent: it has none. */
  readonly comment: string | undefined;
  /** Commands that only read and ask nothing: behind these a comment may follow at once. */
  readonly readOnly: readonly RegExp[];
  /** Commands after which the device's name in the prompt may be another. */
  readonly renames: readonly RegExp[];
  readonly blocks: readonly PlatformBlock[];
  /** Longest command line in characters. */
  readonly longestLine: number;
  readonly exec: ExecChannel;
  readonly terminal: { readonly term: string; readonly columns: number; readonly rows: number };
  /** Ends a line: what the Enter key sends. */
  readonly enter: string;
  /** Appended to the user name at the login. */
  readonly userSuffix: string;
  /** Appended to a command for structured output; absent: it has none. */
  readonly json: string | undefined;
}

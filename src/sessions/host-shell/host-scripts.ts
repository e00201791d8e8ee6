import { shellWord } from "../../base/index.ts";
import answer from "./host/answer.sh";
import ask from "./host/ask.sh";
import askpass from "./host/askpass.sh";
import attach from "./host/attach.sh";
import butler from "./host/butler.sh";
import dialog from "./host/dialog.sh";
import fetch from "./host/fetch.sh";
import init from "./host/init.sh";
import list from "./host/list.sh";
import pinentry from "./host/pinentry.sh";
import runner from "./host/runner.sh";
import sibling from "./host/sibling.sh";
import signals from "./host/signals.sh";
import spawn from "./host/spawn.sh";
import sudo from "./host/sudo.sh";
import terminal from "./host/terminal.sh";
import window from "./host/window.sh";
import withX11 from "./host/with-x11.sh";

/**
 * What is executed on the host: whatever the login shell is, it only has to start `/bin/sh`, which takes the script as its first
 * line of stdin. So no login shell's syntax matters and nothing is left in an argument list.
 */
export const bootCommand = `exec /bin/sh -c 'IFS= read -r s;eval "$(printf %b "$s")"'`;

type Variables = Readonly<Record<string, string | number>>;

/** A script without comments and indentation: it is sent anew for every attachment. */
export function dense(script: string): string {
  const lines = script.split("\n").map((line) => line.trimStart());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).join("\n");
}

/** Text as the argument of `printf %b` on one line (POSIX: backslash escapes; NUL as \0000). */
export function escapeLine(text: string): string {
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\0", String.raw`\0000`);
}

function bootLine(script: string, variables: Variables): string {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellWord(String(value))}`);
  return `${escapeLine(`${assignments.join("\n")}\n${script}`)}\n`;
}

const framedInit = dense(init).replaceAll("@RS@", "\u001E");
const scripts = {
  spawn: dense(spawn),
  attach: `${dense(signals)}\n${dense(attach)}`,
  list: dense(list),
  fetch: dense(fetch),
  answer: dense(answer),
  dialog: dense(dialog),
  window: dense(window),
};
const carried = {
  BUTLER: dense(butler),
  RUNNER: dense(runner),
  INIT: framedInit,
  SIBLING: dense(sibling),
  SIGNALS: dense(signals),
  ASK: dense(ask),
  ASKPASS: dense(askpass),
  PINENTRY: dense(pinentry),
  SUDO: dense(sudo),
  TERMINAL: dense(terminal),
};

const withX11Text = dense(withX11);

/** The line that makes a session on the host: see `host/spawn.sh`. `windows`: its programs may be given a display. */
export function spawnLine(variables: Variables, windows = false): string {
  return bootLine(scripts.spawn, { ...variables, ...carried, WITHX11: windows ? withX11Text : "" });
}

/** The line that connects a channel to a session: see `host/attach.sh`. */
export function attachLine(variables: Variables): string {
  return bootLine(scripts.attach, variables);
}

/** The line that lists the sessions on a host: see `host/list.sh`. */
export function listLine(variables: Variables): string {
  return bootLine(scripts.list, variables);
}

/** The line that turns a channel into a reader of files: see `host/fetch.sh`. */
export function fetchLine(variables: Variables): string {
  return bootLine(scripts.fetch, variables);
}

/** The line that turns a channel into one that looks at who asks and answers: see `host/answer.sh`. */
export function answerLine(variables: Variables): string {
  return bootLine(scripts.answer, variables);
}

/** The line that shows a question on the channel's display: see `host/dialog.sh`. */
export function dialogLine(variables: Variables): string {
  return bootLine(scripts.dialog, variables);
}

/** The line that gives a program the channel's display: see `host/window.sh`. */
export function windowLine(variables: Variables): string {
  return bootLine(scripts.window, variables);
}

/** The programs in a session's directory that ask, as they were written there: see `host/ask.sh`, `host/pinentry.sh`, and `host/sudo.sh` for `wrapper`. */
export function askingProgram(directory: string): AskingProgram {
  return {
    path: `${directory}/bin/ask`,
    text: `#!/bin/sh\nd='${directory}'\n${carried.ASK}\n`,
    pinentry: { path: `${directory}/bin/gpg-pinentry`, text: `#!/bin/sh\nd='${directory}'\n${carried.PINENTRY}\n` },
    wrapper: { path: `${directory}/bin/sudo`, text: `#!/bin/sh\n${carried.SUDO}\n` },
  };
}

interface AskingProgram {
  readonly path: string;
  readonly text: string;
  readonly pinentry: { readonly path: string; readonly text: string };
  readonly wrapper: { readonly path: string; readonly text: string };
}

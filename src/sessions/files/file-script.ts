import { shellWord } from "../../base/index.ts";
import { bootCommand, dense, escapeLine } from "../host-shell/host-scripts.ts";
import keep from "./host/keep.sh";
import linkTarget from "./host/link-target.sh";
import path from "./host/path.sh";
import read from "./host/read.sh";
import write from "./host/write.sh";

type Variables = Readonly<Record<string, string | number>>;

/** Where a link leads, as scripts for hosts ask it. */
export const linkTargetFunction = dense(linkTarget);

/** `keep`: what a file has besides its content goes over to the one that takes its place. */
export const keepFunction = dense(keep);

const beginning = `${linkTargetFunction}\n${dense(path)}`;
const scripts = {
  read: `${beginning}\n${dense(read)}`,
  write: `${beginning}\n${keepFunction}\n${dense(write)}`,
};
/** Starts a shell that takes the script as its first line of stdin; what follows on stdin is the script's own. */
export const fileCommand = bootCommand;

/** The first line of stdin: a script of this room with its variables. `sudo`: the shell has become another user's, and knows the login's home. */
export function fileLine(script: keyof typeof scripts, variables: Variables, sudo: boolean): string {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellWord(String(value))}`);
  const text = `${assignments.join("\n")}\n${scripts[script]}`;
  return `${escapeLine(sudo ? text : `set -- "$HOME"\n${text}`)}\n`;
}

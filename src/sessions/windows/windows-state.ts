import { windowsPath } from "./windows-path.ts";

/** Variables that are not ours to keep: each login has its own, or they are no variables. */
const notKept = /^(?:SSH_|HOLDFAST$|=|PROMPT$|_$)/i;

/** Variables of one session, at most; Windows gives all together 32,767 characters. */
const mostChanges = 500;

/** What a command told when it ended. */
export interface ToldState {
  readonly directory: string;
  readonly variables: ReadonlyMap<string, string>;
}

interface Change {
  /** As it was written. */
  readonly name: string;
  /** Undefined: it is taken away. */
  readonly value: string | undefined;
}

/** A session's directory and variables on a host that keeps none: kept here, and given to each command anew. */
export class WindowsState {
  directory: string | undefined;
  /** What a login has by itself. */
  #own: ReadonlyMap<string, string> = new Map();
  /** What is different in this session. */
  #changes = new Map<string, Change>();

  /** `given`: what the session was opened with. */
  constructor(given: Readonly<Record<string, string>>, directory: string | undefined) {
    this.directory = directory;
    for (const [name, value] of Object.entries(given)) this.#changes.set(key(name), { name, value });
  }

  get changes(): ReadonlyMap<string, string | undefined> {
    return new Map([...this.#changes.values()].map(({ name, value }) => [name, value]));
  }

  /** The value that a variable has in the session; undefined where it has none, or it is made anew each time, as `CD`. */
  known(name: string): string | undefined {
    const change = this.#changes.get(key(name));
    return change === undefined ? this.#own.get(key(name)) : change.value;
  }

  /** What a login tells before anything has run. */
  ownIs({ directory, variables }: ToldState): void {
    this.#own = byKey(variables);
    this.directory = this.directory === undefined ? directory : this.place(this.directory);
  }

  /** A directory as the caller names it: from `~` on, or relative to the session's, or absolute. */
  place(path: string): string {
    const home = this.#own.get("USERPROFILE");
    const inHome = home !== undefined && /^~(?=$|[/\\])/.test(path);
    return windowsPath(inHome ? `${home}${path.slice(1)}` : path, this.directory);
  }

  /** What is so after a command. */
  learn({ directory, variables }: ToldState): void {
    if (directory !== "") this.directory = directory;
    const now = byKey(variables);
    const changes = new Map<string, Change>();
    for (const [name, value] of variables) {
      if (!notKept.test(name) && this.#own.get(key(name)) !== value) changes.set(key(name), { name, value });
    }
    for (const name of this.#own.keys()) {
      if (!now.has(name) && !notKept.test(name)) changes.set(name, { name, value: undefined });
    }
    this.#changes = new Map([...changes].slice(0, mostChanges));
  }
}

/** Names of variables are the same in capitals and without. */
function key(name: string): string {
  return name.toUpperCase();
}

function byKey(variables: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...variables].map(([name, value]) => [key(name), value]));
}

/** `NAME=value` for each; a piece without a name goes on with the value before it. */
export function readVariables(pieces: readonly string[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  let last: string | undefined;
  for (const piece of pieces) {
    const at = piece.indexOf("=", 1);
    if (at > 0) {
      last = piece.slice(0, at);
      variables.set(last, piece.slice(at + 1));
    } else if (last !== undefined) variables.set(last, `${variables.get(last) ?? ""}\n${piece}`);
  }
  return variables;
}

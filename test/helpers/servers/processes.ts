import { readFileSync, readdirSync, statSync } from "node:fs";

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const nameEnd = stat.lastIndexOf(")");
    const [state, parent] = stat.slice(nameEnd + 2).split(" ");
    if (state === "Z") return undefined;
    return { pid, parent: Number(parent), name: stat.slice(stat.indexOf("(") + 1, nameEnd) };
  } catch {
    return undefined;
  }
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Living (not zombie) children of `pid`. */
export function childrenOf(pid: number): readonly ProcessFacts[] {
  return allPids().flatMap((candidate) => {
    const facts = factsOf(candidate);
    return facts?.parent === pid ? [facts] : [];
  });
}

/** Processes whose user id is `uid`. */
export function processesOf(uid: number): readonly number[] {
  return allPids().filter((pid) => {
    try {
      return statSync(`/proc/${pid}`).uid === uid && factsOf(pid) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Sends `signal` to `pid`; a process that is gone already is fine. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
